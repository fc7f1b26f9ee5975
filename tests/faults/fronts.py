"""The reverse proxies of `deploy/`, as shipped but for TLS, which the writers of these runs do not speak.

`tests/proxies` has them with TLS; what matters here is how they hand people over when a server leaves or joins.
"""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bench.engines import LOOPBACK, ROOT, NotStarted, free_port

PATIENCE_S = 15.0


@asynccontextmanager
async def running_front(name: str, folder: Path, servers: Sequence[int]) -> AsyncIterator[int]:
    """The proxy of `deploy/<name>` before two servers' ports; the port it listens on.  Raises NotStarted."""
    port = free_port()
    config = folder / name
    config.write_text(_adapt((ROOT / "deploy" / name).read_text(), folder, port, servers))
    program, *arguments = _command(name, config)
    # Debian keeps both in /usr/sbin, which is not on everybody's path.
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        raise NotStarted(f"{program} is not installed: apt-get install nginx-light haproxy")
    process = await asyncio.create_subprocess_exec(found, *arguments, stderr=asyncio.subprocess.DEVNULL)
    try:
        await _wait_until_listening(process, port)
        yield port
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
            raise RuntimeError(f"{name}: the proxy did not end within {PATIENCE_S:.0f} s") from None


def _adapt(text: str, folder: Path, port: int, servers: Sequence[int]) -> str:
    """This machine's ports, and no certificate."""
    text = re.sub(r"^.*ssl_.*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"listen 443 ssl[^;]*;", f"listen {LOOPBACK}:{port};", text)
    text = re.sub(r"bind :443 .*", f"bind {LOOPBACK}:{port}", text)
    for shipped, ours in zip((8081, 8082), servers, strict=True):
        text = text.replace(f"127.0.0.1:{shipped}", f"{LOOPBACK}:{ours}")
    return text.replace("pid nginx.pid", f"pid {folder}/nginx.pid")


def _command(name: str, config: Path) -> list[str]:
    if name == "nginx.conf":
        return ["nginx", "-p", str(config.parent), "-c", str(config), "-g", "daemon off;"]
    return ["haproxy", "-db", "-q", "-f", str(config)]


async def _wait_until_listening(process: asyncio.subprocess.Process, port: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while process.returncode is None:
            try:
                _, writer = await asyncio.open_connection(LOOPBACK, port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return
    raise NotStarted(f"the proxy ended with {process.returncode}")
