"""The two apps: what browsers, players and programs see."""

from vlog.web import path_numbers

# Before any module in here makes a route.
path_numbers.register()
