"""Bytes to text, whatever they claim to be. Only codecs of letters: none that unpacks, and none that runs anything."""

from __future__ import annotations

import re

# What mails call their letters -> Python's codec. A name that is not here is guessed.
_LIKE_THEMSELVES = """
    utf-8 utf-16 utf-16-le utf-16-be utf-32 utf-7 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7
    iso-8859-8 iso-8859-10 iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16 cp437 cp850 cp852 cp866 cp1250 cp1251 cp1252
    cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 koi8-r koi8-u big5 big5-hkscs gb18030 shift-jis iso-2022-jp iso-2022-jp-2
    iso-2022-kr euc-jp euc-kr cp932 cp949 cp874 hz johab mac-roman mac-cyrillic tis-620
"""
CODECS = {name: name for name in _LIKE_THEMSELVES.split()} | {
    "utf8": "utf-8", "unicode-1-1-utf-7": "utf-7", "ascii": "us-ascii", "us-ascii": "us-ascii",
    "ansi_x3.4-1968": "us-ascii", "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252",
    "iso8859-1": "cp1252", "iso_8859-1": "cp1252", "iso-8859-9": "cp1254", "iso-8859-11": "cp874",
    "iso-8859-8-i": "iso-8859-8", "iso-8859-6-i": "iso-8859-6", "gb2312": "gb18030", "gbk": "gb18030",
    "cp936": "gb18030", "x-gbk": "gb18030", "hz-gb-2312": "hz", "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949",
    "shift_jis": "cp932", "x-sjis": "cp932", "sjis": "cp932", "windows-31j": "cp932", "macintosh": "mac-roman",
    "x-mac-roman": "mac-roman", "windows-874": "cp874",
} | {f"windows-125{digit}": f"cp125{digit}" for digit in range(9)}  # fmt: skip
NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def decoded(raw: bytes, charset: str) -> tuple[str, bool]:
    """The text, and whether its letters had to be guessed. NUL and other control signs become spaces."""
    codec = CODECS.get(charset.strip().strip("\"'").lower())
    guessed = codec is None
    if codec is None or codec == "us-ascii":  # what calls itself ASCII and is not, is mostly UTF-8
        text, sure = _guess(raw)
        guessed = not sure or (guessed and bool(charset.strip()))
    else:
        try:
            text = raw.decode(codec)
        except UnicodeDecodeError:
            guessed = True
            text, sure = _guess(raw)
            if not sure:
                text = raw.decode(codec, "replace")
    return NO_TEXT.sub(" ", text), guessed


def _guess(raw: bytes) -> tuple[str, bool]:
    try:
        return raw.decode("utf-8"), True
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace"), False
