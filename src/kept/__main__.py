"""`python -m kept`: Kept's own command line; Django's commands stay reachable for its developers."""

import os
import sys


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kept.site.settings")
    if len(sys.argv) > 1 and sys.argv[1] in ("makemigrations", "migrate", "shell", "dbshell"):
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
        return 0
    from kept.cli import main as kept

    return kept()


if __name__ == "__main__":
    sys.exit(main())
