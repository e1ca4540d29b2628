"""The images where no registry of images can be reached: an engine and bases from Debian's packages, jars from Maven.

Promise: safe to repeat, and what is there already is kept; what is missing and cannot be had is said in one line (exit
2; a build that fails is exit 1). The bases have the layout of the public ones (`python3` on the path; `java` on the
path, jars in /opt/kafka/libs), so that the Dockerfiles are the same. Packages come from where this machine's apt, pip
and Maven get them: no host is named here. Only as root can it install an engine and make the bases.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

ROOT: Final = Path(__file__).parents[2]
WHEELS: Final = Path(__file__).with_name("wheels")
LIBS: Final = ROOT / "docker" / "kafka" / "libs"
ENGINE_LOG: Final = Path("/var/log/mash-dockerd.log")
START_SECONDS: Final = 30.0
FAILED: Final = 1
CANNOT: Final = 2
FROM_WHEELS: Final = "--no-index --find-links=/wheels"
PACKAGES: Final = {"docker": "docker.io", "dockerd": "docker.io", "iptables": "iptables", "mmdebstrap": "mmdebstrap"}
"""Each program that is needed, and the Debian package that has it."""


@dataclass(frozen=True, kw_only=True)
class Base:
    """A root file system of Debian packages, and what is done to it at the end."""

    name: str
    packages: tuple[str, ...]
    hooks: tuple[str, ...] = ()

    @property
    def recipe(self) -> str:
        """What tells that a base which is there was made differently."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


PYTHON_BASE: Final = Base(name="mash-offline/python-base", packages=("python3", "python3-venv", "ca-certificates"))
KAFKA_BASE: Final = Base(
    name="mash-offline/kafka-base",
    packages=("openjdk-17-jre-headless",),
    hooks=('mkdir "$1/opt/kafka"', f"copy-in {LIBS} /opt/kafka"),
)
BASES: Final = (PYTHON_BASE, KAFKA_BASE)


def main() -> None:
    """Make whatever is missing, then build the images."""
    begun = time.monotonic()
    if not LIBS.is_dir():
        _give_up("the jars of Apache Kafka are not here: make kafka-jars")
    install()
    start_engine()
    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(make_base, base) for base in BASES]
        waiting.append(pool.submit(make_wheels))
        for one in waiting:
            one.result()
    build_images()
    _say(f"ready in {time.monotonic() - begun:.0f} s")


def install() -> None:
    """Install the Debian packages whose programs are missing."""
    lacking = sorted({package for program, package in PACKAGES.items() if shutil.which(program) is None})
    if answers():
        lacking = [package for package in lacking if package == "mmdebstrap" and not all(map(is_made, BASES))]
    if not lacking:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        _give_up(f"missing, and only root can install them, on Debian: {', '.join(lacking)}")
    _say(f"installing {', '.join(lacking)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _run("apt-get", "update", "-qq")
    _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *lacking, environment=environment)


def answers() -> bool:
    """Say whether an engine answers."""
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "version"], capture_output=True, check=False).returncode == 0  # noqa: S607


def start_engine() -> None:
    """Start an engine where none answers; it stays. With its own choice of storage first, then with plain copies."""
    if answers():
        return
    if os.geteuid() != 0:
        _give_up("no engine answers, and only root can start one")
    for options in ((), ("--storage-driver=vfs",)):
        with ENGINE_LOG.open("ab") as output:
            engine = subprocess.Popen(  # noqa: S603 - the words are ours
                ["dockerd", *options],  # noqa: S607
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while engine.poll() is None and time.monotonic() < deadline:
            if answers():
                _say(f"started an engine, process {engine.pid}; its log is {ENGINE_LOG}")
                return
            time.sleep(0.2)
        engine.terminate()
        engine.wait()
    _give_up(f"the engine does not start: see {ENGINE_LOG}")


def is_made(base: Base) -> bool:
    """Say whether this base is there, made by this recipe."""
    words = ["docker", "image", "inspect", "--format", '{{index .Config.Labels "mash.recipe"}}', base.name]
    found = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
    return found.stdout.strip() == base.recipe


def make_base(base: Base) -> None:
    """Make a base from Debian's packages and give it to the engine."""
    if is_made(base):
        return
    if os.geteuid() != 0:
        _give_up(f"only root can make {base.name}")
    begun = time.monotonic()
    words = ["mmdebstrap", "--quiet", "--variant=essential", f"--include={','.join(base.packages)}"]
    words += [f"--customize-hook={hook}" for hook in base.hooks]
    with subprocess.Popen([*words, codename(), "-", *sources()], stdout=subprocess.PIPE) as made:  # noqa: S603
        _run("docker", "import", "--change", f"LABEL mash.recipe={base.recipe}", "-", base.name, standard_input=made)
    if made.returncode != 0:
        subprocess.run(["docker", "image", "rm", base.name], check=False)  # noqa: S603, S607 - it may be half of one
        _give_up(f"mmdebstrap could not make {base.name}")
    _say(f"made {base.name} in {time.monotonic() - begun:.0f} s")


def sources() -> list[str]:
    """Return where this machine's own apt gets Debian's packages, with its security updates."""
    wanted = "$(ORIGIN)|deb $(REPO_URI) $(RELEASE) $(COMPONENT)"
    words = ["apt-get", "indextargets", "--format", wanted, "Created-By: Packages"]
    lines = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()  # noqa: S603
    found = sorted({line.partition("|")[2] for line in lines if line.startswith("Debian|")})
    if not found:
        _give_up("apt has no source of Debian packages: run apt-get update")
    return found


def codename() -> str:
    """Return this Debian's name; the bases are the same, so that the wheels made here fit."""
    lines = Path("/etc/os-release").read_text("utf-8").splitlines()
    names = [line.partition("=")[2].strip('"') for line in lines if line.startswith("VERSION_CODENAME=")]
    return names[0] if names else _give_up("/etc/os-release names no VERSION_CODENAME: is this Debian?")


def make_wheels() -> None:
    """Gather with this Python's own pip what the image installs, so that its build needs no network."""
    for old in WHEELS.glob("mash_broker-*.whl"):
        old.unlink()
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--wheel-dir", str(WHEELS), f"{ROOT}[provision]"]
    _run(*command, status=FAILED)


def build_images() -> None:
    """Build the three images from the bases; a layer that is there is used again."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    words = ["docker", "run", "--rm", "--network", "none", PYTHON_BASE.name, "python3", "-c"]
    asked = [*words, "import sys; print(sys.version[:4])"]
    found = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
    if found != version:
        _give_up(f"the wheels are for Python {version}, the base has {found}: run this with Python {found}")
    _build("mash/kafka:test", ROOT / "docker" / "kafka", f"KAFKA_BASE={KAFKA_BASE.name}")
    arguments = [f"PYTHON_BASE={PYTHON_BASE.name}", f"INSTALL={FROM_WHEELS} mash-broker"]
    _build("mash/broker:test", ROOT / "docker", *arguments, context=ROOT)
    arguments.append(f"FURTHER={FROM_WHEELS} mash-broker[provision]")
    _build("mash/provision:test", ROOT / "docker", *arguments, context=ROOT)


def _build(tag: str, folder: Path, *arguments: str, context: Path | None = None) -> None:
    begun = time.monotonic()
    words = [word for argument in arguments for word in ("--build-arg", argument)]
    file = str(folder / "Dockerfile")
    command = ["docker", "build", "--quiet", "--network", "none", "-t", tag, *words, "-f", file, str(context or folder)]
    _run(*command, status=FAILED)
    _say(f"built {tag} in {time.monotonic() - begun:.0f} s")


def _run(
    *words: str,
    environment: dict[str, str] | None = None,
    standard_input: subprocess.Popen[bytes] | None = None,
    status: int = CANNOT,
) -> None:
    given = standard_input.stdout if standard_input else subprocess.DEVNULL
    done = subprocess.run(words, env=environment, stdin=given, stdout=sys.stderr, check=False)  # noqa: S603
    if done.returncode != 0:
        _give_up(f"{' '.join(words[:3])}: ended with {done.returncode}", status=status)


def _say(line: str) -> None:
    sys.stderr.write(f"images: {line}\n")


def _give_up(line: str, *, status: int = CANNOT) -> NoReturn:
    _say(line)
    raise SystemExit(status)


if __name__ == "__main__":
    main()
