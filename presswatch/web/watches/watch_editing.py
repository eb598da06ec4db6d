"""The form of a watch: a new one, or one that is changed, with what it would have found beside it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, Response

from presswatch import languages
from presswatch.config import Config, Watch, watch_origin, watch_path, watch_text
from presswatch.config.editing import as_yaml, check, edited, fingerprint
from presswatch.config.faults import check as check_values
from presswatch.config.files import write
from presswatch.config.yaml_file import YamlFile
from presswatch.errors import ConfigError, PresswatchError, QueryError, UnavailableError
from presswatch.query import expression, parse
from presswatch.search import Index
from presswatch.translatable import Translatable
from presswatch.watches import watch_files
from presswatch.watches.audience import Audience
from presswatch.watches.due import pace_of
from presswatch.watches.noise import Noise, chosen_mails_a_day, mails_a_day, noise, shown, trial_mail
from presswatch.watches.safe_text import truncate
from presswatch.web.asking import Asked
from presswatch.web.page import Service, page
from presswatch.web.watches import watch_words
from presswatch.web.watches.mail_page import MAIL_POLICY
from presswatch.web.watches.watch_acts import WRITING
from presswatch.web.watches.watch_form import Values, WatchForm, of_fields, of_values
from presswatch.web.watches.watch_pages import Hit, known, no_watch

_NAME_LENGTH = 100
_PASSAGES = 8
# A page of this application has a form of its own under it.
_TAKEN_IDS = ("new",)
# An address longer than this is refused by servers.
_LONGEST_ADDRESS = 30_000

Faults = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What the form's page says of what was typed: `faults` by field, "" for those of none.

    `stumble` is the character that the query stumbles at. `conflict`: of a file that another changed, the
    fields that differ, as they are now and as they were typed. `paste` is what `file` would say where it
    cannot be written.
    """

    faults: Faults = field(default_factory=dict)
    stumble: int | None = None
    conflict: Mapping[str, tuple[object, object]] = field(default_factory=dict)
    is_conflict: bool = False
    removed: bool = False
    paste: str = ""
    file: str = ""


def new(asked: Asked) -> Response:
    """The empty form, or one with what the address says: `query`, `name`, and whatever else the form has."""
    form = of_fields(_given(asked))
    if not form.query:
        return _page(asked, form, None, _Sheet())
    return _page(asked, form, None, _Sheet(*_query_fault(asked.config, form)), is_tried=True)


def make(asked: Asked) -> Response:
    """Write a new watch's file; without `do` = `save` only try it."""
    form = of_fields(asked.form)
    folder, now = asked.service.configured.folder, asked.service.now()
    # The page shows what was typed: a query that is changed once more gives the name then.
    said = (form if form.name or not form.query else _named(asked.config, form)).said
    id_ = _free_id(asked.config, said["name"])
    path = watch_path(folder, id_)
    faults, stumble = _faults(asked.config, form, said, path)
    sheet = _Sheet(_with_namesake(asked, faults, watch_files.namesake(asked.config, said["name"])), stumble)
    if asked.value("do") != "save":
        return _page(asked, form, None, sheet, is_tried=True)
    if sheet.faults:
        return _page(asked, form, None, sheet, 422, is_tried=True)
    try:
        with WRITING:
            check(folder, path, watch_text(said))
            watch_files.write_new(asked.service.archive, folder, id_, said, now)
    except ConfigError as error:
        sheet = _refused(error, path, watch_text(said))
        return _page(asked, form, None, sheet, 409 if sheet.paste else 422, is_tried=True)
    except UnavailableError as error:
        return _page(asked, form, None, _Sheet({"": [error.said]}), 503, is_tried=True)
    with asked.service.archive.writing() as tx:
        asked.record(tx, "watch.add", id_, query=said.get("query", ""))
    return asked.go(f"/watches/{id_}?done=made")


def edit(asked: Asked) -> Response:
    """The form with what the watch's file says."""
    id_ = asked.request.path_params["watch"]
    origin = watch_origin(asked.service.configured.folder, id_)
    if known(asked) is None or origin is None:
        return no_watch(asked)
    if origin.faults:
        return asked.message(409, "\n".join(origin.faults))
    return _page(asked, of_values(origin.values), _Edited(id_, fingerprint(origin.path)), _Sheet())


def change(asked: Asked) -> Response:
    """Change the watch's file in the keys that were changed; without `do` = `save` only try it."""
    id_, form = asked.request.path_params["watch"], of_fields(asked.form)
    if "form" not in asked.form:
        # Not what our form sends: nothing is known of what is to be kept.
        return no_watch(asked) if known(asked) is None else asked.go(f"/watches/{id_}/edit")
    with WRITING:
        done = _change(asked, id_, form)
    if done is None:
        return asked.go(f"/watches/{id_}?done=changed")
    edited, sheet, status = done
    return _page(asked, form, edited, sheet, status, is_tried=True)


def _change(asked: Asked, id_: str, form: WatchForm) -> tuple["_Edited | None", _Sheet, int] | None:
    """Write the change; where it is not written why, and the status that says so."""
    folder, seen = asked.service.configured.folder, asked.value("seen")
    origin = watch_origin(folder, id_)
    if origin is None:
        return None, _Sheet(removed=True), 410
    if origin.faults:
        return _Edited(id_, seen), _Sheet({"": origin.faults}), 409
    before = of_values(origin.values)
    changed = form.changed(before)
    faults, stumble = _faults(asked.config, form, changed, origin.path, origin.values)
    if "name" in changed:
        faults = _with_namesake(asked, faults, watch_files.namesake(asked.config, form.name, id_))
    if asked.value("do") != "save":
        return _Edited(id_, seen), _Sheet(faults, stumble), 200
    now_there = fingerprint(origin.path)
    if seen != now_there:
        differing = before.differences(form)
        return _Edited(id_, now_there), _Sheet(faults, stumble, differing, is_conflict=True), 409
    if faults:
        return _Edited(id_, seen), _Sheet(faults, stumble), 422
    text = edited(origin.path, {key: as_yaml(value) for key, value in changed.items()})
    try:
        check(folder, origin.path, text)
        if changed:
            with asked.service.archive.writing() as tx:
                asked.record(tx, "watch.edit", id_, keys=sorted(changed))
                write(origin.path, text)
    except ConfigError as error:
        sheet = _refused(error, origin.path, text)
        return _Edited(id_, seen), sheet, 409 if sheet.paste else 422
    return None


def trial_of_mail(asked: Asked) -> Response:
    """The mail that the form of the address would have made last, for a frame that nothing leaves."""
    form, config, service = of_fields(_given(asked)), asked.config, asked.service
    watch, mail = _trial(config, form, _origin_values(asked)), None
    if watch is not None:
        found = noise(service.archive, _index(service), config, watch, service.now())
        mail = trial_mail(service.archive, config, watch, found, _audience(config, watch, form))
    if mail is None:
        return page(asked.request, "no_mail")
    return HTMLResponse(mail.html, headers={"content-security-policy": MAIL_POLICY})


@dataclass(frozen=True, slots=True)
class _Edited:
    """The watch that is changed, and the fingerprint of its file as the form was filled from it."""

    id: str
    seen: str


@dataclass(frozen=True, slots=True)
class _Tried:
    """What the form's watch would have found, as its page shows it."""

    found: Noise
    understood: str
    notices: tuple[str, ...]
    hits: list[Hit]
    mails: Mapping[str, float]
    chosen: float
    subject: str
    mail: str


def _page(
    asked: Asked,
    form: WatchForm,
    edited: _Edited | None,
    sheet: _Sheet,
    status: int = 200,
    *,
    is_tried: bool = False,
) -> Response:
    config = asked.config
    is_asked = edited is not None or is_tried or bool(form.query)
    # The form is sent before it is tried, which takes longer.
    return asked.page_in_parts(
        "watch_form",
        status,
        form=form,
        edited=edited,
        sheet=sheet,
        trial=lambda: _told_trial(asked, form) if is_asked else (None, ""),
        labels=watch_words.labels(asked.words),
        kinds=watch_words.kinds(asked.words),
        ways=watch_words.ways(asked.words),
        languages={code: _language_name(code, code) for code in languages.LANGUAGES},
        zone=config.time_zone,
        has_links=bool(config.web.public_url),
        language_of_mails=_language_name(config.alerts.language, asked.words.language),
    )


def _language_name(of: str, reader: str) -> str:
    """What readers of one language call another."""
    return str(languages.locale(reader).languages.get(of, of))


def _given(asked: Asked) -> Mapping[str, list[str]]:
    given: defaultdict[str, list[str]] = defaultdict(list)
    for name, value in asked.request.query_params.multi_items():
        given[name].append(value)
    return given


def _origin_values(asked: Asked) -> Values:
    """What the file of the watch that is changed says; nothing of a new one."""
    id_ = asked.request.path_params.get("watch") or asked.value("of")
    origin = watch_origin(asked.service.configured.folder, id_) if asked.config.watch(id_) else None
    return {} if origin is None else origin.values


def _named(config: Config, form: WatchForm) -> WatchForm:
    """A form with a name: the saved search's that its query is, else the query."""
    saved = config.search_saved_as(form.query.removeprefix("@")) if form.query.startswith("@") else None
    name = saved.name if saved else truncate(" ".join(form.query.split()), _NAME_LENGTH)
    return of_fields({key: [value] for key, value in form.fields} | {"tells": form.tells, "name": [name]})


def _free_id(config: Config, name: str) -> str:
    id_ = watch_files.free_id(config, name)
    return watch_files.free_id(config, f"{name} watch") if id_ in _TAKEN_IDS else id_


def _query_fault(config: Config, form: WatchForm) -> tuple[Faults, int | None]:
    try:
        parse(form.query, purpose="watch", saved=config.saved_queries)
    except QueryError as error:
        return {"query": [error.said]}, error.position
    return {}, None


def _faults(
    config: Config, form: WatchForm, given: Values, path: Path, there: Mapping[str, object] | None = None
) -> tuple[Faults, int | None]:
    """What is wrong with these values, with those that are in the file already, by field."""
    faults, stumble = _query_fault(config, form)
    file = YamlFile(path, {**(there or {}), **given, "id": path.stem})
    check_values(Watch, file, path.parents[1])
    return _by_field([message for _line, message in sorted(file.noted)], faults), stumble


def _with_namesake(asked: Asked, faults: Faults, namesake: Watch | None) -> Faults:
    """The faults, with that another watch has the name that was typed."""
    if namesake is None:
        return faults
    said = asked.words.gettext(
        "The watch %(id)s has this name already. Choose another one, so that both can be told apart.",
        id=asked.words.isolated(namesake.id),
    )
    return {**faults, "name": [*faults.get("name", ()), said]}


def _by_field(messages: list[str], faults: Faults) -> Faults:
    found = defaultdict(list, {name: list(said) for name, said in faults.items()})
    for told in messages:
        key, said = _key_and_said(told)
        name = key.split(".")[0]
        is_field = name in WatchForm().values
        found["way" if name == "deliver" else name if is_field else ""].append(said if is_field else told)
    return dict(found)


def _key_and_said(told: str) -> tuple[str, str]:
    """What a file's fault says of which key, "" for none."""
    if isinstance(told, Translatable) and {"key", "said"} <= told.values.keys():
        return str(told.values["key"]), cast("str", told.values["said"])
    key, colon, said = told.partition(": ")
    return (key, said) if colon else ("", told)


def _refused(error: ConfigError, path: Path, text: str) -> _Sheet:
    """What to say of a configuration that would be wrong, or of a file that cannot be written."""
    if isinstance(error.__cause__, OSError):
        return _Sheet({"": [str(error)]}, paste=text, file=str(path))
    lines = str(error).splitlines()
    mine = [line.partition(": ")[2] for line in lines if line.startswith(f"{path}:")]
    others = [line for line in lines if not line.startswith(f"{path}:")]
    return _Sheet(_by_field(mine, {"": others} if others and not mine else {}))


def _trial(config: Config, form: WatchForm, there: Values) -> Watch | None:
    """The watch of the form, with what is wrong left out; None without a query that can be asked."""
    if not form.query or _query_fault(config, form)[0]:
        return None
    values = {
        **there,
        **form.values,
        "recipients": ["nobody@localhost"],
        "name": truncate(form.name or form.query, _NAME_LENGTH),
        "id": "trial",
    }
    needed = ("name", "query", "recipients", "id", "sources", "max_age")
    while True:
        file = YamlFile(Path("trial.yaml"), values)
        made = check_values(Watch, file, Path())
        if made is not None:
            return made if made.time_zone else made.model_copy(update={"time_zone": config.time_zone})
        wrong = {message.partition(": ")[0].split(".")[0] for _line, message in file.noted}
        # What is wrong with several keys together is of none of them: then what is found counts alone.
        kept = {key: value for key, value in values.items() if key not in wrong}
        if len(kept) == len(values):
            kept = {key: value for key, value in values.items() if key in needed}
        if len(kept) == len(values):
            return None
        values = kept


def _audience(config: Config, watch: Watch, form: WatchForm) -> Audience:
    language = form.language if form.language in languages.LANGUAGES else config.alerts.language
    return Audience(language, watch.time_zone)


def _index(service: Service) -> Index | None:
    """None where it is away: what can be told without it is told."""
    try:
        return service.index
    except UnavailableError:
        return None


def _told_trial(asked: Asked, form: WatchForm) -> tuple[_Tried | None, str]:
    """What the watch would have found, None without a query that can be asked; or why it cannot be told."""
    try:
        return _tried(asked, form), ""
    except PresswatchError as error:
        return None, error.said


def _tried(asked: Asked, form: WatchForm) -> _Tried | None:
    config, service = asked.config, asked.service
    watch = _trial(config, form, _origin_values(asked))
    if watch is None:
        return None
    query = parse(form.query, purpose="watch", saved=config.saved_queries)
    found = noise(service.archive, _index(service), config, watch, service.now())
    times = sorted(hit.first_seen for hit in found.hits)
    pace = pace_of(config, watch)
    names = {source.id: source.name for source in config.sources}
    hits = [
        Hit(record, record.first_seen, passage, names.get(record.source, record.source))
        for record, passage in shown(service.archive, config, watch, found.hits[:_PASSAGES])
    ]
    mail = trial_mail(service.archive, config, watch, found, _audience(config, watch, form))
    of_watch = asked.request.path_params.get("watch", "")
    address = f"/watches/preview/mail?{urlencode([*form.fields, ('of', of_watch)])}"
    return _Tried(
        found=found,
        understood=expression(query.tree),
        notices=tuple(query.notices),
        hits=hits,
        mails=mails_a_day(pace, times, found.days),
        chosen=chosen_mails_a_day(pace, times, found.days),
        subject=mail.subject if mail else "",
        mail=address if mail and len(address) < _LONGEST_ADDRESS else "",
    )
