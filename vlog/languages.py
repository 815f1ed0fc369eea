"""Tags of languages (BCP 47) from the codes in containers (ISO 639-2), and their English names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

UNKNOWN = "und"
LONGEST_TAG = 16
TAG = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")

# ISO 639-1, ISO 639-2 (the bibliographic code first, where there are two), English name.
_TABLE = """
aa aar Afar|ab abk Abkhazian|af afr Afrikaans|am amh Amharic|ar ara Arabic|as asm Assamese
az aze Azerbaijani|ba bak Bashkir|be bel Belarusian|bg bul Bulgarian|bm bam Bambara
bn ben Bengali|bo tib,bod Tibetan|br bre Breton|bs bos Bosnian|ca cat Catalan|co cos Corsican
cs cze,ces Czech|cv chv Chuvash|cy wel,cym Welsh|da dan Danish|de ger,deu German|dz dzo Dzongkha
ee ewe Ewe|el gre,ell Greek|en eng English|eo epo Esperanto|es spa Spanish|et est Estonian
eu baq,eus Basque|fa per,fas Persian|fi fin Finnish|fj fij Fijian|fo fao Faroese|fr fre,fra French
fy fry Western Frisian|ga gle Irish|gd gla Scottish Gaelic|gl glg Galician|gn grn Guarani
gu guj Gujarati|ha hau Hausa|he heb Hebrew|hi hin Hindi|hr hrv Croatian|ht hat Haitian Creole
hu hun Hungarian|hy arm,hye Armenian|ia ina Interlingua|id ind Indonesian|ig ibo Igbo
is ice,isl Icelandic|it ita Italian|iu iku Inuktitut|ja jpn Japanese|jv jav Javanese
ka geo,kat Georgian|kk kaz Kazakh|kl kal Greenlandic|km khm Khmer|kn kan Kannada|ko kor Korean
ku kur Kurdish|ky kir Kyrgyz|la lat Latin|lb ltz Luxembourgish|lg lug Ganda|ln lin Lingala
lo lao Lao|lt lit Lithuanian|lv lav Latvian|mg mlg Malagasy|mi mao,mri Māori
mk mac,mkd Macedonian|ml mal Malayalam|mn mon Mongolian|mr mar Marathi|ms may,msa Malay
mt mlt Maltese|my bur,mya Burmese|nb nob Norwegian Bokmål|ne nep Nepali|nl dut,nld Dutch
nn nno Norwegian Nynorsk|no nor Norwegian|ny nya Chichewa|oc oci Occitan|om orm Oromo
or ori Odia|pa pan Punjabi|pl pol Polish|ps pus Pashto|pt por Portuguese|qu que Quechua
rm roh Romansh|rn run Rundi|ro rum,ron Romanian|ru rus Russian|rw kin Kinyarwanda
sa san Sanskrit|sd snd Sindhi|se sme Northern Sami|si sin Sinhala|sk slo,slk Slovak
sl slv Slovenian|sm smo Samoan|sn sna Shona|so som Somali|sq alb,sqi Albanian|sr srp Serbian
ss ssw Swati|st sot Southern Sotho|su sun Sundanese|sv swe Swedish|sw swa Swahili|ta tam Tamil
te tel Telugu|tg tgk Tajik|th tha Thai|ti tir Tigrinya|tk tuk Turkmen|tl tgl Tagalog
tn tsn Tswana|to ton Tongan|tr tur Turkish|ts tso Tsonga|tt tat Tatar|ug uig Uyghur
uk ukr Ukrainian|ur urd Urdu|uz uzb Uzbek|vi vie Vietnamese|wo wol Wolof|xh xho Xhosa
yi yid Yiddish|yo yor Yoruba|zh chi,zho Chinese|zu zul Zulu|yue yue Cantonese|fil fil Filipino
haw haw Hawaiian|gsw gsw Swiss German
"""
_ROWS = [row.split(" ", 2) for line in _TABLE.split("\n") for row in line.split("|") if row]
_SHORT = {code: tag for tag, codes, _ in _ROWS for code in codes.split(",")}
_NAMES = {tag: name for tag, _, name in _ROWS} | {UNKNOWN: "Unknown language"}
# zxx says that there is no language, mis that there is no code for it.
_NO_CODE = ("und", "mis", "mul", "zxx", "unk", "qaa")


# Some programs write Javanese so.
_NAMES["jw"] = _NAMES["jv"]


def languages_by_name(tags: Iterable[str] = _SHORT.values()) -> list[tuple[str, str]]:
    """Tags with their English names, by name."""
    named = {tag: language_name(tag) for tag in tags}
    return sorted(named.items(), key=lambda item: item[1])


def language_tag(code: str | None) -> str:
    """The tag for a code as containers and people write it; `und` where it says nothing."""
    text = (code or "").strip().replace("_", "-")
    first, *rest = text.split("-")
    first = _SHORT.get(first.lower(), first.lower())
    tag = "-".join([first, *(part.upper() if len(part) == 2 else part for part in rest)])
    if first in _NO_CODE or len(tag) > LONGEST_TAG or not TAG.fullmatch(tag):
        return UNKNOWN
    return tag


def is_tag(text: str) -> bool:
    """Whether a text can be the tag of a transcript, and so part of a file's name."""
    return len(text) <= LONGEST_TAG and TAG.fullmatch(text) is not None


def primary(tag: str) -> str:
    """The language alone: `en` of `en-GB` and of `en-x-sdh`."""
    return tag.partition("-")[0]


def language_name(tag: str) -> str:
    """The English name, with what the tag says beside the language: `Portuguese (BR)`."""
    public, _, _ = tag.partition("-x-")
    language, _, rest = public.partition("-")
    name = _NAMES.get(language, language)
    return f"{name} ({rest})" if rest else name


def free_tag(language: str, kind: str, taken: Collection[str]) -> str:
    """A tag for one more transcript of a language, told apart by a private subtag.

    `en`, or `en-x-sdh` for a `kind`; where that is taken `en-x-sdh2`, or `en-x-2` without one.
    """
    base = f"{language}-x-{kind}" if kind else language
    if base not in taken and len(base) <= LONGEST_TAG:
        return base
    number = 2
    while (tag := _numbered(language, kind, number)) in taken:
        number += 1
    return tag


def _numbered(language: str, kind: str, number: int) -> str:
    tag = f"{language}-x-{kind}{number}"
    if len(tag) <= LONGEST_TAG:
        return tag
    return f"{primary(language)}-x-{number}"
