"""A backup as one file: the database, the configuration, recordings, and, if sealed, the secrets.

A tar in zstandard, sealed with age where there is a key: both open with ordinary tools on any
machine (``age -d -i key FILE | zstd -d | tar x``). The first member lists the others with their
sizes and hashes; what is not listed is not taken out.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from gateway.errors import Refused

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
DATABASE: Final = "tocsin.db"
CONFIG: Final = "tocsin.toml"
#: What an archive may hold: one folder deep, and never a path that leads out. An editor's own copy
#: (``relay~``) or a name with an accent is no harm; bytes that are no text have no name in it.
_NAMES: Final = re.compile(
    r"tocsin\.(db|toml)|(recordings|secrets)/(?!\.\.?\Z)[^/\x00-\x1f\x7f\ud800-\udfff]{1,255}"
)
_BLOCK: Final = 1 << 20
#: Zstandard's level: those above make no smaller archive of a database, and take longer.
_LEVEL: Final = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself; ``made_at`` in seconds since 1970."""

    town: str
    made_at: float
    version: str
    files: Mapping[str, tuple[int, str]] = field(default_factory=dict)  # size, sha256


def takes(name: str) -> bool:
    """Tell whether an archive may hold a member of this name; what else is in it is refused."""
    return _NAMES.fullmatch(name) is not None


def sha256(path: Path) -> str:
    """Return a file's hash."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def pack(target: Path, members: Mapping[str, Path], manifest: Manifest) -> Manifest:
    """Write an archive of ``members`` (name in it, file) to ``target``; return its manifest."""
    import zstandard

    files = {name: (path.stat().st_size, sha256(path)) for name, path in members.items()}
    whole = Manifest(manifest.town, manifest.made_at, manifest.version, files)
    packer = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
    with target.open("xb") as file, packer.stream_writer(file, closefd=False) as stream:
        target.chmod(0o600)
        with tarfile.open(mode="w|", fileobj=stream, format=tarfile.PAX_FORMAT) as tar:
            _add(tar, MANIFEST, io.BytesIO(_to_json(whole)), len(_to_json(whole)), whole.made_at)
            for name, path in members.items():
                with path.open("rb") as source:
                    _add(tar, name, source, files[name][0], whole.made_at)
    return whole


def _add(tar: tarfile.TarFile, name: str, source: IO[bytes], size: int, made_at: float) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size, int(made_at), 0o600
    tar.addfile(info, source)


def _to_json(manifest: Manifest) -> bytes:
    told = {
        "format": FORMAT, "town": manifest.town, "made_at": manifest.made_at,
        "version": manifest.version, "files": manifest.files,
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def unpack(source: Path, folder: Path) -> Manifest:
    """Take an archive out into ``folder``, every file proved; raise `Refused` for what is none."""
    import zstandard

    try:
        with source.open("rb") as file:
            stream = zstandard.ZstdDecompressor().stream_reader(file)
            with tarfile.open(mode="r|", fileobj=stream) as tar:
                manifest = _take_out(tar, folder)
    except (tarfile.TarError, zstandard.ZstdError, EOFError) as error:
        raise Refused(
            f"{source} n'est pas une sauvegarde entière ({error}) : prenez-en une autre"
        ) from None
    for name, (size, digest) in manifest.files.items():
        found = folder / name
        if not found.is_file() or found.stat().st_size != size or sha256(found) != digest:
            raise Refused(f"{source} est abîmée : {name} n'est pas ce qui y a été mis")
    return manifest


def _take_out(tar: Iterable[tarfile.TarInfo], folder: Path) -> Manifest:
    manifest: Manifest | None = None
    for member in tar:
        if not isinstance(tar, tarfile.TarFile) or not member.isfile():
            raise tarfile.ReadError(f"{member.name} n'est pas un fichier")
        content = tar.extractfile(member)
        if content is None:
            raise tarfile.ReadError(member.name)
        if manifest is None:
            if member.name != MANIFEST or member.size > 10 * _BLOCK:
                raise tarfile.ReadError("pas de sommaire")
            manifest = _manifest(content.read())
        elif member.name in manifest.files and takes(member.name):
            _write(folder / member.name, content)
        else:
            raise tarfile.ReadError(f"{member.name} n'a rien à y faire")
    if manifest is None:
        raise tarfile.ReadError("elle est vide")
    return manifest


def _write(path: Path, content: IO[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("xb") as file:
        path.chmod(0o600)
        while block := content.read(_BLOCK):
            file.write(block)


def _manifest(text: bytes) -> Manifest:
    try:
        told: dict[str, Any] = json.loads(text)
        if told["format"] != FORMAT:
            raise Refused(
                f"cette sauvegarde est d'un format ({told['format']}) que cette version ne connaît "
                "pas : installez la version qui l'a faite"
            )
        files = {str(name): (int(size), str(digest)) for name, (size, digest) in
                 told["files"].items()}  # fmt: skip
        return Manifest(str(told["town"]), float(told["made_at"]), str(told["version"]), files)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise tarfile.ReadError(f"sommaire illisible : {error}") from None
