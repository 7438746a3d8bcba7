"""A run in object storage (s3://bucket/runs, and whatever else fsspec opens): a folder here, and there a copy of each
finished file.

Object storage has no locks, no renames and no folders; what it has is a put that is whole or not at all. So a run is
made in a folder of this machine as any other, under its lock, and every finished unit is put there: its tables, then
the file that says so. What is made of the tables comes at the end, and the manifest last. Units that are there and not
here are fetched before a run begins, and checked by their sha256 like those that lie here. Two machines that run the
same study at the same time put the same bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..files import inside
from .manifest import load_manifest
from .store import Files, Store, StoreError, sha256, write_bytes

MEANT = re.compile(r"([a-z][a-z0-9+.-]+):(/+)(.*)")  # one letter is a disk of Windows
MARKER = re.compile(r"((?:shards/[0-9]{1,6}-of-[0-9]{1,6}/)?)units/((?!\.)[A-Za-z0-9._-]{1,100})\.json")


def is_address(where: str | Path) -> bool:
    """Whether that is an address of object storage, and no folder. Raises ValueError for s3:/bucket and s3://."""
    if not isinstance(where, str) or not (found := MEANT.match(where)):
        return False
    kind, slashes, rest = found.groups()
    if len(slashes) < 2 or not rest.strip("/"):
        raise ValueError(f"an address of object storage is written {kind}://bucket/runs, not '{where}'")
    return True


@dataclass(frozen=True)
class Bucket:
    """What lies under an address: objects by their names, each of which is read and put whole."""

    address: str
    system: Any
    root: str

    @classmethod
    def at(cls, address: str) -> Bucket:
        """Raises ValueError where fsspec, or what it needs for this kind of address, is not installed."""
        try:
            import fsspec

            system, root = fsspec.core.url_to_fs(address)
        except (ImportError, ValueError) as error:
            raise ValueError(f"{address}: {error}; for S3: pip install 'habenula-rl[s3]'") from None
        return cls(address, system, root.rstrip("/"))

    def names(self) -> dict[str, int]:
        """Every object's size by its name."""
        with self._reached():
            self.system.invalidate_cache()
            try:
                found = self.system.find(self.root, detail=True)
            except FileNotFoundError:
                return {}
        return {name.removeprefix(f"{self.root}/"): int(entry["size"]) for name, entry in found.items()}

    def read(self, *names: str) -> dict[str, bytes]:
        """These objects. Raises FileNotFoundError where one is not there."""
        with self._reached():
            found = self.system.cat([f"{self.root}/{name}" for name in names], on_error="raise") if names else {}
        return {name: found[f"{self.root}/{name}"] for name in names}

    def put(self, name: str, data: bytes) -> None:
        with self._reached():
            self.system.pipe_file(f"{self.root}/{name}", data)

    def remove(self, *names: str) -> None:
        """Those that are there."""
        for name in names:
            with self._reached(), contextlib.suppress(FileNotFoundError):
                self.system.rm_file(f"{self.root}/{name}")

    @contextlib.contextmanager
    def _reached(self) -> Iterator[None]:
        """What clients of storage raise, of many kinds, as one sentence."""
        try:
            yield
        except FileNotFoundError:
            raise
        except Exception as error:
            raise StoreError(f"cannot reach {self.address}: {error or type(error).__name__}") from error


def here(address: str) -> Path:
    """The folder of this machine for what lies at that address. Raises ValueError where there can be none."""
    from ..compiler import cache

    kept = cache.folder()
    if kept is None:
        raise ValueError(f"{address} needs a folder on this machine: let HABENULA_CACHE_DIR name one of your own")
    return kept / "objects" / hashlib.sha256(address.rstrip("/").encode()).hexdigest()[:16]


@dataclass(frozen=True)
class MirroredStore(Store):
    """A run's folder here, and the bucket that is to have all of it."""

    bucket: Bucket
    put: dict[str, bytes] = field(default_factory=dict)  # the markers of units that are whole there

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """As `Store.locked`, for this machine alone; what is there comes before, what was made goes after it."""
        with super().locked():
            self._fetch()
            try:
                yield
            except Exception:  # a run that is not whole has its tables, and says so in its manifest
                self._send()
                raise
            self._send()

    def commit_files(self, name: str, given: Files, rules: str, origin: Mapping[str, Any]) -> None:
        super().commit_files(name, given, rules, origin)
        self._send_unit(name)

    def clear_derived(self, *names: str) -> None:
        self.bucket.remove(*names)
        super().clear_derived(*names)

    def _fetch(self) -> None:
        """Units that are there and not here, those of shards too, each file before its marker."""
        names = self.bucket.names()
        markers = {name: found for name in names if (found := MARKER.fullmatch(name))}
        for name, data in self.bucket.read(*markers).items():
            folder, unit = markers[name].groups()
            if not folder:
                self.put[unit] = data
            if not self.path(name).exists():
                tables = (f"{folder}units/{unit}.parquet", f"{folder}trials/{unit}.parquet")
                for file, table in self.bucket.read(*(file for file in tables if file in names)).items():
                    write_bytes(self.path(file), table)
                write_bytes(self.path(name), data)

    def _send_unit(self, unit: str) -> None:
        data = self.path(f"units/{unit}.json").read_bytes()
        for file in self.marker(unit)["files"]:
            self.bucket.put(file, self.path(file).read_bytes())
        self.bucket.put(f"units/{unit}.json", data)
        self.put[unit] = data

    def _send(self) -> None:
        """Units that came here another way, as from shards; what was made of them; and last the manifest."""
        for marker in sorted(self.path("units").glob("*.json")):
            if not marker.name.startswith(".") and self.put.get(marker.stem) != marker.read_bytes():
                self._send_unit(marker.stem)
        if self.path("manifest.json").exists():
            for name in load_manifest(self.folder)["tables"]:
                if not name.startswith(("units/", "trials/")):
                    self.bucket.put(name, self.path(name).read_bytes())
            self.bucket.put("manifest.json", self.path("manifest.json").read_bytes())


def opened(out: str | Path, folder: str) -> Store:
    """The store of a run in that folder of `out`, which may be an address."""
    if not is_address(out):
        return Store(inside(Path(out), folder))
    address = str(out).rstrip("/")
    return MirroredStore(inside(here(address), folder), Bucket.at(f"{address}/{folder}"))


def fetched(address: str) -> Path:
    """A finished run's folder on this machine, with every file that its manifest there names.

    Raises FileNotFoundError where there is no manifest, ValueError where it is not what a run writes.
    """
    bucket, folder = Bucket.at(address), here(address)
    try:
        manifest = bucket.read("manifest.json")["manifest.json"]
    except FileNotFoundError:
        raise FileNotFoundError(f"{address} holds no finished run: there is no manifest.json") from None
    write_bytes(folder / "manifest.json", manifest)
    for name, entry in load_manifest(folder)["tables"].items():
        path = inside(folder, name)
        if not path.is_file() or sha256(path.read_bytes()) != entry["sha256"]:
            write_bytes(path, bucket.read(name)[name])
    return folder
