"""A command that takes a query, which may begin with a minus as queries do: `search -ferry`."""

from typing import Any

from typer.core import TyperCommand


class QueryCommand(TyperCommand):
    """What begins with one - and is no option of the command is an argument; `--` works as everywhere."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        names = {name: one for one in self.get_params(ctx) for name in (*one.opts, *one.secondary_opts)}
        options: list[str] = []
        words: list[str] = []
        left = list(args)
        while left:
            word = left.pop(0)
            if word == "--":
                words += left
                break
            if not _is_option(word, names):
                words.append(word)
                continue
            options.append(word)
            known = names.get(word)
            takes_value = known is not None and not getattr(known, "is_flag", False)
            if takes_value and left:
                options.append(left.pop(0))
        return super().parse_args(ctx, [*options, *(["--", *words] if words else [])])


def _is_option(word: str, names: dict[str, Any]) -> bool:
    if word.startswith("--") or word in names:
        return word != "-"
    # `-oFILE`, where -o takes a value.
    short = names.get(word[:2]) if word.startswith("-") and len(word) > 2 else None
    return short is not None and not getattr(short, "is_flag", False)
