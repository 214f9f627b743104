"""The systems' own commands that keep services, and what they say."""

import subprocess

_SECONDS = 30


def complaint(program: str, *arguments: str) -> str:
    """Runs ``program``; what it says where it fails, or "" where all went well. It is never asked anything."""
    try:
        done = subprocess.run(  # noqa: S603 - the system's own command
            [program, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    told = done.stderr.strip().splitlines()
    return "" if done.returncode == 0 else (told[-1] if told else f"{program} ended with code {done.returncode}")
