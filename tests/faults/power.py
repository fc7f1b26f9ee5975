"""A disk whose power is cut: what was not synced by then is gone, as it is not when only a process is killed.

An ext4 file system in a file, mounted as a loop device.  EXT4_IOC_SHUTDOWN (linux/fs/ext4/ext4.h; what xfstests calls
`godown`) stops it at once and forgets its journal's last part: every later write fails, and what the kernel had not
written of its own accord is in no block.  Mounted anew from the same file, it is what a machine finds when it boots.
Not shown: a disk that keeps in a cache of its own what it says is written.
"""

import fcntl
import os
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.machinery import Disk

_SHUTDOWN = 0x8004587D
_AND_FORGET_THE_JOURNAL = 2


class PoweredDisk(Disk):
    """Mounted on `folder`; `image` holds its blocks."""

    def __init__(self, folder: Path, image: Path) -> None:
        super().__init__(folder)
        self._image = image
        self._mounts = 0

    def power_on(self) -> None:
        """Mount what its blocks hold, over what was mounted before: that goes with the last process that has it open.

        Raises CalledProcessError.
        """
        if self._mounts:
            # The file system that stopped still owns the blocks before, and may touch them once more as it goes.
            copy = self._image.with_name(f"{self.folder.name}-{self._mounts}.img")
            _said("cp", "--sparse=always", str(self._image), str(copy))
            self._image = copy
        device = _said("losetup", "--find", "--show", str(self._image))
        try:
            _said("mount", "-t", "ext4", device, str(self.folder))
            self._mounts += 1
        finally:
            _said("losetup", "--detach", device)  # once nothing is mounted from it any more

    def sync(self) -> None:
        """Everything that was written reaches the blocks, as on a machine that was installed long ago."""
        _said("sync", "--file-system", str(self.folder))

    def cut(self) -> None:
        """From now on nothing reaches the blocks."""
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, _SHUTDOWN, struct.pack("I", _AND_FORGET_THE_JOURNAL))
        finally:
            os.close(descriptor)

    def remove(self) -> None:
        """Take every mount away."""
        for _ in range(self._mounts):
            _said("umount", "--lazy", str(self.folder))


@contextmanager
def powered_disk(folder: Path, size_mb: int) -> Iterator[PoweredDisk]:
    """An empty one, mounted on `folder`.  Raises CalledProcessError where we may not mount."""
    folder.mkdir()
    image = folder.with_suffix(".img")
    with image.open("wb") as blocks:
        blocks.truncate(size_mb << 20)
    _said("mkfs.ext4", "-q", "-m", "0", str(image))
    disk = PoweredDisk(folder, image)
    disk.power_on()
    try:
        folder.chmod(0o755)
        yield disk
    finally:
        disk.remove()


def _said(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
