"""Sites made by real engines of the same made-up articles, and how they are installed and served."""

import functools
import getpass
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from textwrap import dedent

import yaml

from bench.engine_stories import PEOPLE, SITE, TAGLINE, ZONE, Story

WORDPRESS = Path("/usr/share/wordpress")
APT = {
    "hugo": ("hugo",),
    "jekyll": (
        "jekyll",
        "jekyll-theme-minima",
        "ruby-jekyll-feed",
        "ruby-jekyll-seo-tag",
        "ruby-jekyll-sitemap",
    ),
    "wordpress": (
        *("wordpress", "wordpress-theme-twentytwentyone", "wordpress-theme-twentytwentytwo"),
        *("wordpress-theme-twentytwentythree", "php-cli", "php-mysql", "mariadb-server"),
    ),
}
PIP = {
    "pelican": ("pelican[markdown]==4.12.0",),
    "nikola": ("nikola==8.3.3", "jinja2>=3"),
    "mkdocs": ("mkdocs-material>=9.6,<10",),
    "lektor": ("lektor==3.3.12", "setuptools<81"),
}
NPM = {
    "hexo": (
        *("hexo@8.1.2", "hexo-generator-archive@2", "hexo-generator-category@2", "hexo-generator-index@4"),
        *("hexo-generator-tag@2", "hexo-generator-feed@3", "hexo-renderer-ejs@2", "hexo-renderer-marked@7"),
        *("hexo-renderer-stylus@3", "hexo-theme-landscape@1", "hexo-theme-next@8"),
    ),
    "eleventy": ("@11ty/eleventy@3.1.8", "@11ty/eleventy-plugin-rss@3"),
}


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine with a theme. `build` writes the site for a URL into an empty folder, and says which folder
    is served. `most_authors`: how many of an article's authors it can name; 0: none but the site.
    """

    name: str
    theme: str
    build: Callable[[Path, str, Sequence[Story]], Path]
    most_authors: int

    @property
    def title(self) -> str:
        return f"{self.name} {self.theme}"


def cache() -> Path:
    """Where engines are installed; PRESSWATCH_ENGINES moves it."""
    return Path(os.environ.get("PRESSWATCH_ENGINES") or Path.home() / ".cache" / "presswatch-engines")


def missing(name: str) -> str:
    """Why an engine is left out; "" if it is there, installed first if it comes from PyPI or npm."""
    if name in PIP:
        return _install(name)
    if name in NPM:
        return _install_by_npm(name)
    there = {
        "hugo": bool(shutil.which("hugo")),
        "jekyll": bool(shutil.which("jekyll")),
        "wordpress": WORDPRESS.is_dir() and bool(shutil.which("php")) and bool(shutil.which("mariadbd")),
    }
    return "" if there[name] else f"not on this machine; on Debian: apt-get install {' '.join(APT[name])}"


def _install(name: str) -> str:
    done = _bin(name) / "installed"
    if done.is_file() and done.read_text() == str(PIP[name]):
        return ""
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(done.parent.parent)], check=True)
    pip = [
        str(_bin(name) / "python"),
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        *PIP[name],
    ]
    ended = subprocess.run(pip, check=False, capture_output=True, text=True)
    if ended.returncode:
        return f"pip could not install {' '.join(PIP[name])}: {ended.stderr.strip().splitlines()[-1]}"
    done.write_text(str(PIP[name]))
    return ""


def _install_by_npm(name: str) -> str:
    folder = cache() / name
    done = folder / "installed"
    if done.is_file() and done.read_text() == str(NPM[name]):
        return ""
    if not shutil.which("npm"):
        return "npm is not on this machine"
    shutil.rmtree(folder, ignore_errors=True)
    _write(folder / "package.json", "{}")
    npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", *NPM[name]]
    ended = subprocess.run(npm, cwd=folder, check=False, capture_output=True, text=True)
    if ended.returncode:
        return f"npm could not install {' '.join(NPM[name])}: {ended.stderr.strip()[-200:]}"
    done.write_text(str(NPM[name]))
    return ""


def _bin(name: str) -> Path:
    return cache() / name / "bin"


def _run(command: Sequence[str | Path], folder: Path) -> None:
    ended = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    if ended.returncode:
        raise SystemExit(f"{command[0]} failed in {folder}:\n{ended.stdout}{ended.stderr}")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _post(story: Story, **front: object) -> str:
    """A post in Markdown with its front matter as YAML."""
    head = yaml.safe_dump({"title": story.title, **front}, allow_unicode=True, sort_keys=False, width=200)
    return f"---\n{head}---\n\n{_text(story)}"


def _text(story: Story) -> str:
    return "\n\n".join(story.paragraphs) + "\n"


def _pelican(theme: str, folder: Path, url: str, stories: Sequence[Story]) -> Path:
    for story in stories:
        head = {
            "Title": story.title,
            "Date": story.published.isoformat(sep=" ", timespec="minutes"),
            "Authors": "; ".join(story.names),
            "Category": story.section,
            "Tags": ", ".join(story.tags),
            "Slug": story.slug,
        }
        lines = "".join(f"{name}: {value}\n" for name, value in head.items())
        _write(folder / "content" / f"{story.slug}.md", f"{lines}\n{_text(story)}")
    settings = {
        "SITENAME": SITE,
        "SITESUBTITLE": TAGLINE,
        "SITEURL": url,
        "TIMEZONE": ZONE,
        "THEME": theme,
        "PATH": "content",
        "FEED_ALL_ATOM": "feeds/all.atom.xml",
        "FEED_ALL_RSS": "feeds/all.rss.xml",
        "FEED_DOMAIN": url,
    }
    _write(folder / "pelicanconf.py", "".join(f"{name} = {value!r}\n" for name, value in settings.items()))
    _run([_bin("pelican") / "pelican", "-q", "-s", "pelicanconf.py"], folder)
    return folder / "output"


def _nikola(theme: str, folder: Path, url: str, stories: Sequence[Story]) -> Path:
    _run([_bin("nikola") / "nikola", "init", "--quiet", "site"], folder)
    site = folder / "site"
    settings = {
        "BLOG_TITLE": SITE,
        "BLOG_DESCRIPTION": TAGLINE,
        "BLOG_AUTHOR": SITE,
        "SITE_URL": f"{url}/",
        "TIMEZONE": ZONE,
        "THEME": theme,
        "MULTIPLE_AUTHORS_PER_POST": True,
        "POSTS": (("posts/*.md", "posts", "post.tmpl"),),
    }
    with (site / "conf.py").open("a") as conf:
        conf.writelines(f"{name} = {value!r}\n" for name, value in settings.items())
    for story in stories:
        head = {
            "title": story.title,
            "slug": story.slug,
            "date": f"{story.published:%Y-%m-%d %H:%M:%S}",
            "author": ", ".join(story.names),
            "category": story.section,
            "tags": ", ".join(story.tags),
        }
        lines = "".join(f".. {name}: {value}\n" for name, value in head.items())
        _write(site / "posts" / f"{story.slug}.md", f"<!--\n{lines}-->\n\n{_text(story)}")
    _run([_bin("nikola") / "nikola", "build", "-q"], site)
    return site / "output"


def _mkdocs(theme: str, folder: Path, url: str, stories: Sequence[Story]) -> Path:
    for story in stories:
        front = {
            "date": story.published,
            "authors": list(story.authors),
            "categories": [story.section],
            "tags": list(story.tags),
            "slug": story.slug,
        }
        opening, rest = story.paragraphs[0], "\n\n".join(story.paragraphs[1:])
        # The theme makes an excerpt of what stands before the mark.
        text = f"# {story.title}\n\n{opening}\n\n<!-- more -->\n\n{rest}\n"
        head = yaml.safe_dump(front, allow_unicode=True, sort_keys=False)
        _write(folder / "docs" / "blog" / "posts" / f"{story.slug}.md", f"---\n{head}---\n\n{text}")
    people = {id_: {"name": name, "description": "Reporter", "avatar": ""} for id_, name in PEOPLE.items()}
    _write(folder / "docs" / "blog" / ".authors.yml", yaml.safe_dump({"authors": people}, allow_unicode=True))
    _write(
        folder / "docs" / "index.md",
        f"# {SITE}\n\n{TAGLINE}. All that we write stands in the [blog](blog/).\n",
    )
    _write(folder / "docs" / "blog" / "index.md", "# Blog\n")
    settings = {
        "site_name": SITE,
        "site_description": TAGLINE,
        "site_url": f"{url}/",
        "theme": {"name": theme, "font": False},
        "plugins": ["search", "tags", {"blog": {}}],
    }
    _write(folder / "mkdocs.yml", yaml.safe_dump(settings))
    _run([_bin("mkdocs") / "mkdocs", "build", "-q"], folder)
    return folder / "site"


def _jekyll(theme: str, folder: Path, url: str, stories: Sequence[Story]) -> Path:
    for story in stories:
        text = _post(
            story,
            layout="post",
            date=story.published.isoformat(sep=" "),
            author=" and ".join(story.names),
            categories=[story.section],
            tags=list(story.tags),
        )
        _write(folder / "_posts" / f"{story.published:%Y-%m-%d}-{story.slug}.md", text)
    _write(folder / "index.md", "---\nlayout: home\n---\n")
    settings = {
        "title": SITE,
        "description": TAGLINE,
        "url": url,
        "theme": theme,
        "timezone": ZONE,
        "future": True,
        "plugins": ["jekyll-feed", "jekyll-seo-tag", "jekyll-sitemap"],
    }
    _write(folder / "_config.yml", yaml.safe_dump(settings))
    _run(["jekyll", "build", "--quiet"], folder)
    return folder / "_site"


# Hugo has no theme of its own: two plain ones as people write them, with and without its internal templates.
_HUGO_BASE = dedent("""\
    <!doctype html>
    <html lang="{{ site.Language.Lang }}"><head><meta charset="utf-8">
    <title>{{ if .IsHome }}{{ site.Title }}{{ else }}{{ .Title }} | {{ site.Title }}{{ end }}</title>
    {{ range .AlternativeOutputFormats }}
    <link rel="{{ .Rel }}" type="{{ .MediaType.Type }}" href="{{ .Permalink }}">
    {{ end }}
    HEAD</head><body>
    <header><h1><a href="{{ site.Home.RelPermalink }}">{{ site.Title }}</a></h1>
    <p>{{ site.Params.description }}</p>
    <nav>{{ range site.Sections }}<a href="{{ .RelPermalink }}">{{ .Title }}</a> {{ end }}</nav></header>
    <main>{{ block "main" . }}{{ end }}</main>
    <footer>&copy; {{ site.Title }}</footer></body></html>
    """)
_HUGO_LIST = dedent("""\
    {{ define "main" }}<h2>{{ .Title }}</h2>
    {{ range (where site.RegularPages "Type" "in" site.Params.sections) }}
    <article><h3><a href="{{ .RelPermalink }}">{{ .Title }}</a></h3>
    <time datetime="{{ .Date.Format "2006-01-02" }}">{{ .Date.Format "2 January 2006" }}</time>
    <p>{{ .Summary }}</p></article>{{ end }}{{ end }}
    """)
_HUGO_SINGLE = {
    "plain": dedent("""\
        {{ define "main" }}<article><h2>{{ .Title }}</h2>
        <p>By {{ delimit .Params.authors ", " " and " }} on {{ .Date.Format "2 January 2006 at 15:04" }}
        in {{ range .GetTerms "categories" }}<a href="{{ .RelPermalink }}">{{ .LinkTitle }}</a>{{ end }}</p>
        {{ .Content }}
        <p>Tags: {{ range .GetTerms "tags" }}<a href="{{ .RelPermalink }}">{{ .LinkTitle }}</a> {{ end }}</p>
        </article>{{ end }}
        """),
    "internal": dedent("""\
        {{ define "main" }}<article class="h-entry"><h1 class="p-name">{{ .Title }}</h1>
        <div class="post-meta">{{ $at := .Date.Format "2006-01-02T15:04:05Z07:00" }}
        <time class="dt-published" datetime="{{ $at }}">{{ .Date.Format "Jan 2, 2006" }}</time>
        {{ range .Params.authors }}<span class="p-author h-card">{{ . }}</span> {{ end }}
        {{ range .GetTerms "categories" }}
        <a class="category" href="{{ .RelPermalink }}">{{ .LinkTitle }}</a>{{ end }}</div>
        <div class="e-content">{{ .Content }}</div>
        <ul class="tags">{{ range .GetTerms "tags" }}
        <li><a class="p-category" rel="tag" href="{{ .RelPermalink }}">{{ .LinkTitle }}</a></li>{{ end }}</ul>
        </article>{{ end }}
        """),
}
_HUGO_HEAD = {
    "plain": "",
    "internal": '{{ template "_internal/opengraph.html" . }}{{ template "_internal/schema.html" . }}'
    '{{ template "_internal/twitter_cards.html" . }}',
}


def _hugo(theme: str, folder: Path, url: str, stories: Sequence[Story]) -> Path:
    for story in stories:
        front = {
            "date": story.published.isoformat(),
            "authors": list(story.names),
            "categories": [story.section],
            "tags": list(story.tags),
        }
        _write(folder / "content" / story.section.lower() / f"{story.slug}.md", _post(story, **front))
    sections = sorted({story.section.lower() for story in stories})
    settings = {
        "baseURL": f"{url}/",
        "title": SITE,
        "languageCode": "en",
        "timeZone": ZONE,
        "params": {"description": TAGLINE, "sections": sections},
    }
    _write(folder / "config.json", json.dumps(settings))
    layouts = folder / "layouts" / "_default"
    _write(layouts / "baseof.html", _HUGO_BASE.replace("HEAD", _HUGO_HEAD[theme]))
    _write(layouts / "list.html", _HUGO_LIST)
    _write(layouts / "single.html", _HUGO_SINGLE[theme])
    _run(["hugo", "--quiet"], folder)
    return folder / "public"


def _hexo(theme: str, folder: Path, url: str, stories: Sequence[Story]) -> Path:
    for story in stories:
        front = {
            "date": f"{story.published:%Y-%m-%d %H:%M:%S}",
            "author": ", ".join(story.names),
            "categories": [story.section],
            "tags": list(story.tags),
        }
        _write(folder / "source" / "_posts" / f"{story.slug}.md", _post(story, **front))
    settings = {
        "title": SITE,
        "subtitle": TAGLINE,
        "description": TAGLINE,
        "author": SITE,
        "url": url,
        "timezone": ZONE,
        "permalink": ":year/:month/:day/:title/",
        "theme": theme,
        "feed": {"type": "atom", "path": "atom.xml", "limit": 20},
    }
    _write(folder / "_config.yml", yaml.safe_dump(settings))
    _write(folder / "package.json", json.dumps({"hexo": {"version": ""}, "dependencies": _versions("hexo")}))
    (folder / "node_modules").symlink_to(cache() / "hexo" / "node_modules")
    _run([folder / "node_modules" / ".bin" / "hexo", "generate", "--silent"], folder)
    return folder / "public"


def _versions(name: str) -> dict[str, str]:
    """The packages of an engine of npm with their versions."""
    return dict(package.rsplit("@", 1) for package in NPM[name])


# Eleventy and Lektor have no theme of their own: plain ones, as those who use them write them.
_ELEVENTY = dedent("""\
    import { feedPlugin } from "@11ty/eleventy-plugin-rss";
    export default function (config) {
      config.addPlugin(feedPlugin, {
        type: "atom", outputPath: "/feed/feed.xml", collection: { name: "posts", limit: 20 },
        metadata: { language: "en", title: "SITE", base: "URL/", author: { name: "SITE" } },
      });
      config.addFilter("iso", (date) => date.toISOString());
      config.addFilter("day", (date) => date.toLocaleDateString("en-GB", { dateStyle: "long" }));
      return { dir: { input: "content", includes: "../layouts", output: "public" } };
    }
    """)
_ELEVENTY_BASE = dedent("""\
    <!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ title or "SITE" }}</title>
    <meta name="generator" content="{{ eleventy.generator }}">
    </head><body><header><a href="/" class="home-link">SITE</a>
    <nav><ul><li><a href="/">Home</a></li><li><a href="/blog/">Archive</a></li></ul></nav></header>
    <main>{{ content | safe }}</main><footer></footer></body></html>
    """)
_ELEVENTY_POST = dedent("""\
    ---
    layout: base.njk
    ---
    <h1>{{ title }}</h1>
    <ul class="post-metadata"><li><time datetime="{{ page.date | iso }}">{{ page.date | day }}</time></li>
    <li>By {{ author }}</li>
    <li><a href="/sections/{{ section | slugify }}/" class="post-section">{{ section }}</a></li>
    {%- for tag in tags %}{% if tag != "posts" %}<li><a href="/tags/{{ tag | slugify }}/" class="post-tag">
    {{- tag }}</a></li>{% endif %}{% endfor %}</ul>
    {{ content | safe }}
    """)
_ELEVENTY_LIST = dedent("""\
    ---
    layout: base.njk
    HEAD
    ---
    <h1>Latest posts</h1><ol reversed class="postlist">{% for post in collections.posts | reverse %}
    <li class="postlist-item"><a href="{{ post.url }}" class="postlist-link">{{ post.data.title }}</a>
    <time class="postlist-date" datetime="{{ post.date | iso }}">{{ post.date | day }}</time></li>
    {% endfor %}</ol>
    """)


def _eleventy(_theme: str, folder: Path, url: str, stories: Sequence[Story]) -> Path:
    for story in stories:
        text = _post(
            story,
            layout="post.njk",
            date=story.published.astimezone(UTC),
            author=" and ".join(story.names),
            section=story.section,
            tags=["posts", *story.tags],
        )
        _write(folder / "content" / "blog" / f"{story.slug}.md", text)
    for name, head in (("index", "title: "), ("blog", "permalink: /blog/")):
        _write(folder / "content" / f"{name}.njk", _ELEVENTY_LIST.replace("HEAD", head))
    for name, template in (("base", _ELEVENTY_BASE), ("post", _ELEVENTY_POST)):
        _write(folder / "layouts" / f"{name}.njk", template.replace("SITE", SITE))
    _write(folder / "eleventy.config.js", _ELEVENTY.replace("SITE", SITE).replace("URL", url))
    _write(folder / "package.json", json.dumps({"type": "module"}))
    (folder / "node_modules").symlink_to(cache() / "eleventy" / "node_modules")
    _run([folder / "node_modules" / ".bin" / "eleventy", "--quiet"], folder)
    return folder / "public"


_LEKTOR_MODELS = {
    "page": "[model]\nname = Page\n[fields.title]\ntype = string\n",
    "blog": "[model]\nname = Blog\n[children]\nmodel = post\norder_by = -when\n",
    "post": "[model]\nname = Post\nlabel = {{ this.title }}\n"
    + "".join(
        f"[fields.{name}]\ntype = {kind}\n"
        for name, kind in (
            *(("title", "string"), ("author", "string"), ("section", "string"), ("tags", "strings")),
            *(("when", "datetime"), ("body", "markdown")),
        )
    ),
}
_LEKTOR_TEMPLATES = {
    "layout": """<!doctype html><meta charset="utf-8"><title>{% block title %}{% endblock %} — SITE</title>
<body><header><h1>SITE</h1><nav><ul class="nav navbar-nav"><li><a href="{{ '/'|url }}">Welcome</a></li>
<li><a href="{{ '/blog'|url }}">Blog</a></li></ul></nav></header>
<div class="page">{% block body %}{% endblock %}</div><footer>&copy; SITE</footer></body>""",
    "page": """{% extends "layout.html" %}{% block title %}{{ this.title }}{% endblock %}
{% block body %}<h2>{{ this.title }}</h2><p>TAGLINE</p>{% endblock %}""",
    "blog": """{% extends "layout.html" %}{% block title %}Blog{% endblock %}{% block body %}
{% for post in this.children %}<div class="blog-post"><h2><a href="{{ post|url }}">{{ post.title }}</a></h2>
<p class="meta">written by {{ post.author }} on {{ post.when|dateformat }}</p></div>{% endfor %}
{% endblock %}""",
    "post": """{% extends "layout.html" %}{% block title %}{{ this.title }}{% endblock %}{% block body %}
<div class="blog-post"><h2>{{ this.title }}</h2><p class="meta">written by {{ this.author }} on
<time datetime="{{ this.when.isoformat() }}">{{ this.when|datetimeformat }}</time> in
<a class="category" href="/section/{{ this.section|lower }}/">{{ this.section }}</a></p>{{ this.body }}
<p class="tags">{% for tag in this.tags %}<a rel="tag" href="/tag/{{ tag }}/">{{ tag }}</a> {% endfor %}</p>
</div>{% endblock %}""",
}


def _lektor(_theme: str, folder: Path, url: str, stories: Sequence[Story]) -> Path:
    _write(folder / "site.lektorproject", f"[project]\nname = {SITE}\nurl = {url}/\n")
    for name, model in _LEKTOR_MODELS.items():
        _write(folder / "models" / f"{name}.ini", model)
    for name, template in _LEKTOR_TEMPLATES.items():
        whole = template.replace("SITE", SITE).replace("TAGLINE", TAGLINE)
        _write(folder / "templates" / f"{name}.html", whole)
    _write(folder / "content" / "contents.lr", f"_model: page\n---\ntitle: {SITE}\n")
    _write(folder / "content" / "blog" / "contents.lr", "_model: blog\n")
    for story in stories:
        head = {
            "title": story.title,
            "author": " and ".join(story.names),
            "section": story.section,
            "when": f"{story.published:%Y-%m-%d %H:%M:%S} {ZONE}",
        }
        lines = "".join(f"{name}: {value}\n---\n" for name, value in head.items())
        tags = "\n".join(story.tags)
        text = f"{lines}tags:\n\n{tags}\n---\nbody:\n\n{_text(story)}"
        _write(folder / "content" / "blog" / story.slug / "contents.lr", text)
    _run([_bin("lektor") / "lektor", "build", "-O", folder / "built"], folder)
    return folder / "built"


_WP_CONFIG = """<?php
define('DB_NAME', 'wordpress'); define('DB_USER', 'root'); define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:%(socket)s'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
define('WP_HTTP_BLOCK_EXTERNAL', true); define('DISABLE_WP_CRON', true); define('WP_DEBUG', false);
define('WP_HOME', '%(url)s'); define('WP_SITEURL', '%(url)s');
$table_prefix = 'wp_';
if (!defined('ABSPATH')) { define('ABSPATH', __DIR__ . '/'); }
require_once ABSPATH . 'wp-settings.php';
"""
# What a web server's rewriting does: what is no file is WordPress's.
_WP_ROUTER = """<?php
$path = __DIR__ . parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if (is_file($path)) { return false; }
$_SERVER['SCRIPT_NAME'] = '/index.php';
require __DIR__ . '/index.php';
"""
_WP_INSTALL = """<?php
define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = parse_url('%(url)s', PHP_URL_HOST);
require __DIR__ . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
$told = json_decode(file_get_contents(__DIR__ . '/told.json'), true);
wp_install($told['site'], 'admin', 'admin@lindwater.invalid', true, '', 'bench');
foreach (get_posts(['numberposts' => -1, 'post_type' => 'any']) as $post) { wp_delete_post($post->ID, true); }
update_option('blogdescription', $told['tagline']);
update_option('timezone_string', $told['zone']);
update_option('permalink_structure', '/%%year%%/%%monthnum%%/%%postname%%/');
switch_theme($told['theme']);
$people = [];
foreach ($told['people'] as $id => $name) {
    $people[$id] = wp_insert_user(['user_login' => $id, 'user_pass' => $id, 'display_name' => $name,
        'user_email' => $id . '@lindwater.invalid', 'role' => 'author']);
}
foreach ($told['posts'] as $one) {
    $section = wp_insert_term($one['section'], 'category');
    $section = is_wp_error($section) ? get_cat_ID($one['section']) : $section['term_id'];
    wp_insert_post(['post_title' => $one['title'], 'post_name' => $one['slug'],
        'post_content' => $one['text'], 'post_status' => 'publish',
        'post_author' => $people[$one['author']], 'post_date' => $one['date'],
        'post_category' => [$section], 'tags_input' => $one['tags']]);
}
flush_rewrite_rules();
"""


def _wordpress(theme: str, folder: Path, url: str, stories: Sequence[Story]) -> Path:
    site = folder / "site"
    # Links to packages of Debian are followed, so that a folder of its own is served.
    subprocess.run(["cp", "-rL", WORDPRESS, site], check=True)
    given = {"url": url, "socket": folder / "db.sock"}
    _write(site / "wp-config.php", _WP_CONFIG % given)
    _write(site / "router.php", _WP_ROUTER)
    posts = [
        {
            "title": story.title,
            "slug": story.slug,
            "text": "".join(
                f"<!-- wp:paragraph -->\n<p>{paragraph}</p>\n<!-- /wp:paragraph -->\n"
                for paragraph in story.paragraphs
            ),
            "author": story.authors[0],
            "date": f"{story.published:%Y-%m-%d %H:%M:%S}",
            "section": story.section,
            "tags": story.tags,
        }
        for story in stories
    ]
    told = {"site": SITE, "tagline": TAGLINE, "zone": ZONE, "theme": theme, "people": PEOPLE, "posts": posts}
    _write(site / "told.json", json.dumps(told))
    _write(site / "install.php", _WP_INSTALL % given)
    return site


@contextmanager
def _database(folder: Path) -> Iterator[None]:
    """A MariaDB of its own, reached by a socket in this folder alone."""
    user, data, socket = getpass.getuser(), folder / "db", folder / "db.sock"
    made = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", f"--user={user}"]
    _run([*made, "--auth-root-authentication-method=normal", "--skip-test-db"], folder)
    command = ["mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={socket}", "--skip-networking"]
    with (folder / "db.log").open("wb") as log:
        server = subprocess.Popen(
            [*command, f"--user={user}", f"--pid-file={folder}/db.pid"], stdout=log, stderr=log
        )
    try:
        make = ["mariadb", "--no-defaults", f"--socket={socket}", "-e", "CREATE DATABASE wordpress"]
        _wait(lambda: subprocess.run(make, check=False, capture_output=True).returncode == 0, "MariaDB")
        yield
    finally:
        server.terminate()
        server.wait()


def _wait(is_ready: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + 60
    while not is_ready():
        if time.monotonic() > until:
            raise SystemExit(f"{what} did not start within a minute")
        time.sleep(0.1)


@contextmanager
def serving(engine: Engine, folder: Path, stories: Sequence[Story], port: int) -> Iterator[str]:
    """The engine's site, built in this empty folder and served on loopback; its home page's URL."""
    url = f"http://127.0.0.1:{port}"
    if engine.name == "wordpress":
        with _database(folder):
            site = engine.build(folder, url, stories)
            _run(["php", "install.php"], site)
            with _php(site, port):
                yield f"{url}/"
        return
    site = engine.build(folder, url, stories)
    handler = functools.partial(_Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"{url}/"
        server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _php(site: Path, port: int) -> Iterator[None]:
    with (site.parent / "php.log").open("wb") as log:
        command = ["php", "-S", f"127.0.0.1:{port}", "-t", str(site), str(site / "router.php")]
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait(lambda: _answers(f"http://127.0.0.1:{port}/"), "PHP's server")
        yield
    finally:
        server.terminate()
        server.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


_MOST_AUTHORS = {"wordpress": 1, "hexo": 0}
_BUILDERS: dict[str, tuple[Callable[[str, Path, str, Sequence[Story]], Path], tuple[str, ...]]] = {
    "wordpress": (_wordpress, ("twentytwentyone", "twentytwentytwo", "twentytwentythree")),
    "hugo": (_hugo, ("plain", "internal")),
    "pelican": (_pelican, ("notmyidea", "simple")),
    "nikola": (_nikola, ("bootblog4", "bootstrap4", "base")),
    "mkdocs": (_mkdocs, ("material",)),
    "jekyll": (_jekyll, ("minima",)),
    "hexo": (_hexo, ("landscape", "next")),
    "eleventy": (_eleventy, ("plain",)),
    "lektor": (_lektor, ("plain",)),
}
ENGINES = tuple(
    Engine(name, theme, functools.partial(build, theme), _MOST_AUTHORS.get(name, len(PEOPLE)))
    for name, (build, themes) in _BUILDERS.items()
    for theme in themes
)
