"""Codes of languages as files carry them (ISO 639), as players want them (BCP 47), and their names.

Pure functions over the languages that films and talks are in. Of others the code itself is shown.
"""

from __future__ import annotations

# The tag, the other codes that mean the same, and the name.
_TABLE = """
af afr Afrikaans
am amh Amharic
ar ara Arabic
az aze Azerbaijani
be bel Belarusian
bg bul Bulgarian
bn ben Bengali
bs bos Bosnian
ca cat Catalan
cs ces,cze Czech
cy cym,wel Welsh
da dan Danish
de deu,ger German
el ell,gre Greek
en eng English
eo epo Esperanto
es spa Spanish
et est Estonian
eu eus,baq Basque
fa fas,per Persian
fi fin Finnish
fo fao Faroese
fr fra,fre French
fy fry Frisian
ga gle Irish
gd gla Scottish Gaelic
gl glg Galician
gu guj Gujarati
ha hau Hausa
he heb Hebrew
hi hin Hindi
hr hrv Croatian
ht hat Haitian Creole
hu hun Hungarian
hy hye,arm Armenian
id ind Indonesian
ig ibo Igbo
is isl,ice Icelandic
it ita Italian
ja jpn Japanese
jv jav Javanese
ka kat,geo Georgian
kk kaz Kazakh
km khm Khmer
kn kan Kannada
ko kor Korean
ku kur Kurdish
ky kir Kyrgyz
la lat Latin
lb ltz Luxembourgish
lo lao Lao
lt lit Lithuanian
lv lav Latvian
mg mlg Malagasy
mi mri,mao Māori
mk mkd,mac Macedonian
ml mal Malayalam
mn mon Mongolian
mr mar Marathi
ms msa,may Malay
mt mlt Maltese
my mya,bur Burmese
nb nob Norwegian Bokmål
ne nep Nepali
nl nld,dut Dutch
nn nno Norwegian Nynorsk
no nor Norwegian
pa pan Punjabi
pl pol Polish
ps pus Pashto
pt por Portuguese
ro ron,rum Romanian
ru rus Russian
rw kin Kinyarwanda
sd snd Sindhi
si sin Sinhala
sk slk,slo Slovak
sl slv Slovenian
sn sna Shona
so som Somali
sq sqi,alb Albanian
sr srp Serbian
su sun Sundanese
sv swe Swedish
sw swa Swahili
ta tam Tamil
te tel Telugu
tg tgk Tajik
th tha Thai
ti tir Tigrinya
tk tuk Turkmen
tl tgl Tagalog
tr tur Turkish
tt tat Tatar
uk ukr Ukrainian
ur urd Urdu
uz uzb Uzbek
vi vie Vietnamese
xh xho Xhosa
yi yid Yiddish
yo yor Yoruba
zh zho,chi Chinese
zu zul Zulu
fil - Filipino
gsw - Swiss German
haw - Hawaiian
yue - Cantonese
"""
_NAMES: dict[str, str] = {}
_TAGS: dict[str, str] = {}
for _tag, _codes, _name in (line.split(maxsplit=2) for line in _TABLE.strip().splitlines()):
    _NAMES[_tag] = _name
    _TAGS |= dict.fromkeys(_codes.split(","), _tag)


def language_tag(code: str) -> str:
    """The shortest tag (RFC 5646 2.2.1): `de` for `deu` and `ger`, `pt-BR` for `por-br`."""
    language, *rest = code.replace("_", "-").split("-")
    primary = language.lower()
    region = [part.upper() if len(part) == 2 else part for part in rest]
    return "-".join([_TAGS.get(primary, primary), *region])


def language_name(code: str) -> str:
    """What people call a language: `German`, `Portuguese (BR)`; its tag where nobody here knows."""
    primary, _, region = language_tag(code).partition("-")
    name = _NAMES.get(primary, primary)
    return f"{name} ({region})" if region else name
