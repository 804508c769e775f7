"""Code as it is uploaded: folders with bytecode, zipped the same way every time."""

import shutil
import zipfile
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from infra import bytecode, served

ROOT = Path(__file__).parent.parent
FUNCTIONS = ROOT / "functions"
LAYER = ROOT / "layers" / "chepai" / "python"
SANDBOX_LAYER = ROOT / "layers" / "sandbox" / "python"

_EPOCH = (1980, 1, 1, 0, 0, 0)


class Assets:
    """All code of one assembly: staged, compiled at once, and zipped below `into`."""

    def __init__(self, into: Path, functions: dict[str, Path], vendor: Path | None) -> None:
        interpreter = bytecode.runtime_interpreter() if vendor else None
        with TemporaryDirectory() as staged:
            root = Path(staged)
            for name, folder in functions.items():
                shutil.copytree(folder, root / "functions" / name, ignore=_ignored)
            layer = root / "layer" / "python"
            shutil.copytree(LAYER, layer, ignore=_ignored)
            shutil.copytree(SANDBOX_LAYER, root / "sandbox" / "python", ignore=_ignored)
            served.write(layer / "chepai" / "served")
            bytecode.compile_tree(root, *([interpreter] if interpreter else []))
            self.functions = {name: _zip(root / "functions" / name, into) for name in functions}
            self.layer = _zip(root / "layer", into)
            self.sandbox_layer = _zip(root / "sandbox", into)
            self.vendor = _zip(vendor or _placeholder(root / "vendor"), into)


def function_folders(group: str) -> dict[str, Path]:
    """Every function of a group by its name."""
    return {
        each.parent.name: each.parent for each in sorted((FUNCTIONS / group).glob("*/handler.py"))
    }


def _placeholder(folder: Path) -> Path:
    # The embedded city runs its own Python, where a layer for arm64 would not load.
    folder.mkdir()
    (folder / "README").write_text("The packages come from the virtual environment here.\n")
    return folder


def _ignored(_: str, names: list[str]) -> list[str]:
    return [name for name in names if name == "__pycache__" or name.endswith(".pyc")]


def _zip(folder: Path, into: Path) -> Path:
    """Zip a folder; the file is named by what is in it, so equal code is one upload."""
    files = sorted(each for each in folder.rglob("*") if each.is_file())
    digest = sha256()
    for each in files:
        content = sha256(each.read_bytes()).hexdigest()
        digest.update(f"{each.relative_to(folder).as_posix()}\0{content}\n".encode())
    target = into / f"{digest.hexdigest()}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for each in files:
            entry = zipfile.ZipInfo(each.relative_to(folder).as_posix(), _EPOCH)
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, each.read_bytes())
    return target
