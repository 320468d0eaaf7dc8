"""Which code page some names were written in, guessed from all of them together.

Three things decide: how well the bytes fit what chardet knows of languages, whether the letters
read belong to one language and which of its letters are common, and how many places are odd, such
as a capital after a small letter. What these leave open stays a guess: one or two characters of
EUC-JP, Chinese GBK and Korean have the same bytes; so has one accented letter in the pages of
Western Europe, Central Europe, Turkey and the Macintosh (``pŠre``, ``päre`` or ``père``).
"""

import codecs
import math
import unicodedata
from functools import cache

# What archives come in: Japanese, Chinese, Korean, Western and Central European, Cyrillic, Greek,
# Turkish, Hebrew, Arabic and Thai computers. The first of equally likely ones is taken.
_CODE_PAGES = (
    "cp932", "gb18030", "cp949", "big5", "euc-jp", "cp437", "cp850", "cp852", "cp866", "cp737",
    "cp857", "cp862", "cp720", "windows-1252", "windows-1250", "windows-1251", "windows-1253",
    "windows-1254", "windows-1255", "windows-1256", "mac_roman", "cp874", "koi8-r", "koi8-u",
    "iso8859-2",
)  # fmt: skip
# Letters beyond ASCII by language, the most common first.
_LETTERS = (
    "üäöß", "éèàêçâôûîëùïœüÿæ", "óáíéñúü", "ãçáéóíâêõúôà", "àèùòìé", "äåöé", "øåæé", "íáðéóöæúþý",
    "ëéïèöü", "łąężśóćńź", "íáěéýčžřšůúťňóďľôäĺŕ", "áéöóőüíúű", "ăâîşţșț", "čšžćđ", "ıüöşçğâîû",
    "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", "оаинтівреслкмдупяьгзбйчхжїцшюєщфґ",
    "αοιτεσνηυρπκμλςωίάγόέδθήχφβξύώψζϊϋΐΰ", "יהולאתברמשנדקחטפעצגסזכםןךףץ",
    "اليمونترةبدسفعقكجحهشطصخذضثزغىءأإآؤئظپچژگکی",
    "านรกอเงมยลวดทส่ต้ัคบปีิแหะหชไพขุใจ์ถผโ็ูซณญธศึษฟฝ",
)  # fmt: skip

# The weights below were found by trying, on names in thirty languages.
_LEAST = 1e-3  # chardet's confidence in a reading that it does not even name
_ODD = 128.0  # for each share of odd places
# Of each foreign character, times the root of their number: neighbours tell the same again.
_LETTER, _STRANGE, _CAPITAL = 0.4, -7.0, -1.0
_EAST_ASIAN = -3.3  # in the place of what letters tell: there are thousands
# Two bytes of Korean Windows are Chinese ones as well. Nearly all Korean syllables lie in the first
# half of the Chinese range, Chinese text in both: nothing from the second half means Korean.
_HANGUL = 0.7
# Some pages are rarer than others, and names fit pages of neighbours nearly as well; macOS has
# long written UTF-8.
_LIKELIER = dict.fromkeys(
    ("cp852", "cp857", "windows-1250", "windows-1254", "iso8859-2", "koi8-r", "koi8-u"), -0.7
)
_LIKELIER |= dict.fromkeys(("cp437", "cp850", "windows-1252"), 0.1)
_LIKELIER |= {"cp932": 1.5, "euc-jp": 1.0, "cp862": 0.5, "windows-1255": 0.5}
_LIKELIER |= {"mac_roman": -1.9, "cp874": -3.2}


def likeliest(sample: bytes) -> str:
    """The code page that some text beyond ASCII is likeliest written in, which is not UTF-8."""
    from chardet import detect_all  # some megabytes, and few archives need it

    scores = dict.fromkeys(_CODE_PAGES, _LEAST)
    for guess in detect_all(sample, include_encodings=_CODE_PAGES, no_match_encoding="cp437"):
        for page in _CODE_PAGES:
            if _codec(page) == _codec(guess["encoding"] or ""):
                scores[page] = max(scores[page], guess["confidence"])
    return max(_CODE_PAGES, key=lambda page: math.log(scores[page]) + _plausibility(sample, page))


@cache
def _codec(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        return name


def _plausibility(sample: bytes, page: str) -> float:
    """How well a reading looks as the name of a file, as a logarithm; least if it has no meaning.

    Equal readings are equal in this.
    """
    try:
        text = sample.decode(page)
    except UnicodeDecodeError:
        return -math.inf
    odd = sum(map(_is_odd, " " + text, text, text[1:] + " "))
    foreign = [character for character in text if not character.isascii()]
    result = _LIKELIER.get(page, 0.0) - _ODD * odd / max(8, len(text))
    if _script(foreign[0]) in ("HANGUL", "EAST ASIAN"):
        is_korean = page == "cp949" and all("가" <= character <= "힣" for character in foreign)
        return result + _EAST_ASIAN * math.sqrt(len(foreign)) + _HANGUL * is_korean
    small = [character.lower() for character in foreign]
    capitals = sum(map(str.__ne__, small, foreign))
    letters = max(
        sum(frequencies.get(character, _STRANGE) for character in small)
        for frequencies in _frequencies()
    )
    return result + (_LETTER * letters + _CAPITAL * capitals) / math.sqrt(len(foreign))


@cache
def _frequencies() -> list[dict[str, float]]:
    """The logarithm of how common the letters of a language are: that of rank k as 1 / k."""
    found = []
    for letters in _LETTERS:
        whole = sum(1 / rank for rank in range(1, len(letters) + 1))
        found.append({letter: -math.log(k * whole) for k, letter in enumerate(letters, start=1)})
    return found


def _is_odd(before: str, character: str, after: str) -> bool:
    """Whether a character is no letter, or stands between these in no language."""
    kind = unicodedata.category(character)
    if character.isascii():
        is_in_word = character.isupper() and not before.isascii() and before.islower()  # as in "öL"
        return is_in_word or before == character == "\\"
    is_letter = kind in ("Lu", "Ll", "Lo", "Lm", "Mn", "Mc") and character not in "ƒªº"
    is_letter &= not "｡" <= character <= "ﾟ"  # narrow katakana, which no Windows writes by itself
    if not is_letter and character not in "ー々〆・（）【】、。「」":
        return True
    if character in "ךםןףץςةى" and after.isalpha():  # only at the end of a word
        return True
    if not before.isalpha():
        return kind == "Mn"
    return _script(before) != _script(character) or (kind == "Lu" and before.islower())


@cache
def _script(character: str) -> str:
    name = unicodedata.name(character, "")
    for script in ("LATIN", "CYRILLIC", "GREEK", "THAI", "HANGUL", "HEBREW", "ARABIC"):
        if name.startswith(script):
            return script
    return "EAST ASIAN"
