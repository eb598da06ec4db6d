# ruff: noqa: E501  # pages and what is expected of them stay on their own lines
"""Pages as the themes of Ghost, Drupal, Joomla, SPIP and TYPO3 make them, where few fields are declared or none."""

from datetime import UTC, datetime

from presswatch.model import Article
from support.articles import TEXT, read

TITLE = "Quay closed after divers find a crack"
SITE = "Osterby Post"
AT = datetime(2026, 3, 5, 13, 5, 11, tzinfo=UTC)

# Ghost declares all of it: those who wrote with the first author are its contributors.
GHOST = f"""<html lang=en><head><title>{TITLE}</title><meta property="og:site_name" content="{SITE}">
<meta property="article:tag" content="Harbour"><meta property="article:tag" content="Repairs">
<script type="application/ld+json">{{"@type": "Article", "publisher": {{"@type": "Organization", "name": "{SITE}"}},
"author": {{"@type": "Person", "name": "Mara Quist"}}, "contributor": [{{"@type": "Person", "name": "Jon Reyes"}}],
"headline": "{TITLE}", "datePublished": "2026-03-05T13:05:11.000Z", "keywords": "Harbour, Repairs"}}</script></head>
<body class="post-template tag-harbour"><header id=gh-head><a class=gh-head-logo href="/">{SITE}</a></header>
<main><article class="article post"><header class="article-header gh-canvas">
<div class=article-tag><a href="/tag/harbour/">Harbour</a></div><h1 class=article-title>{TITLE}</h1>
<p class=article-excerpt>Ships go to the basin at Lund until April.</p>
<h4 class=author-name><a href="/author/mara/">Mara Quist</a>, <a href="/author/jon/">Jon Reyes</a></h4>
<time class=byline-meta-date datetime="2026-03-05">Mar 5, 2026</time><span>1 min read</span></header>
<section class="gh-content gh-canvas">{TEXT}</section></article></main>
<div class=footer-cta><h2>Sign up for more like this.</h2></div></body></html>"""

# Drupal's core declares nothing; its tags are terms of a taxonomy.
DRUPAL = f"""<html lang=en><head><title>{TITLE} | {SITE}</title></head><body class=page-node-type-article>
<div class=site-branding__name><a href="/" rel=home>{SITE}</a></div>
<nav class=breadcrumb><ol><li><a href="/">Home</a></li><li><a href="/harbour">Harbour</a></li></ol></nav>
<main><h1 class="title page-title"><span class=field--name-title>{TITLE}</span></h1>
<article class="node node--type-article"><header><div class=node__meta><span>By <span class=node__author>
<a href="/user/7" class=username>Mara Quist</a></span>, <span class=field--name-created>
<time datetime="2026-03-05T14:05:11+01:00">5 March, 2026</time></span></span></div></header>
<div class=node__content><div class="text-content field--name-body">{TEXT}</div><div class=field--tags>
<h3 class=field__label>Tags</h3><ul><li><a href="/taxonomy/term/3">Harbour</a></li>
<li><a href="/taxonomy/term/9">Repairs</a></li></ul></div></div><div id=comments><article class="comment by-anonymous">
<p class=comment__author>Otto</p><p class=comment__time><time class=published datetime="2026-03-06T09:00:00+01:00">6 March</time></p>
<p>I walked past there on Sunday and the crack was plain to see from the bridge, so I wonder who looks.</p>
</article></div></article></main></body></html>"""

# Joomla can head each page with the name of its menu.
JOOMLA = f"""<html lang=en-gb><head><title>{TITLE}</title></head><body class="site com_content view-article">
<div class=navbar-brand><a href="/">{SITE}</a></div><nav class=mod-breadcrumbs__wrapper><ol class=breadcrumb>
<li>You are here:</li><li><a href="/">Home</a></li><li><a href="/harbour">Harbour</a></li></ol></nav>
<main><div class="com-content-article item-page"><div class=page-header><h1> Harbour news </h1></div>
<div class=page-header><h2> {TITLE} </h2></div><dl class=article-info><dt class=article-info-term>Details</dt>
<dd class=createdby>Written by: <span>Mara Quist</span></dd><dd class=category-name>Category: <a href="/harbour">Harbour</a></dd>
<dd class=published><time datetime="2026-03-05T14:05:11+01:00">Published: 05 March 2026</time></dd>
<dd class=modified><time datetime="2026-03-06T09:00:00+01:00">Last Updated: 06 March 2026</time></dd>
<dd class=hits>Hits: 312</dd></dl><ul class="tags list-inline"><li><a href="/component/tags/tag/harbour">Harbour</a></li>
<li><a href="/component/tags/tag/repairs">Repairs</a></li></ul>
<div class=com-content-article__body>{TEXT}</div></div></main></body></html>"""

# SPIP's own templates lead from the front to the headline, and call that trail a tree.
SPIP = f"""<html lang=fr><head><title>{TITLE} - {SITE}</title><meta name=generator content="SPIP 4.3.5"></head><body class=page_article>
<div id=header><strong id=logo_site_spip><a rel=start href="/" title=Accueil>{SITE}</a></strong></div>
<p class=arbo><a href="/">Accueil</a> &gt; <a href="spip.php?rubrique3">Harbour</a> &gt; <strong class=on>{TITLE}</strong></p>
<div id=content><div class=cartouche><h1 class="crayon article-titre-217">{TITLE}</h1><p><small>
<abbr class=published title="2026-03-05T13:05:11Z">jeudi 5 mars 2026</abbr>, par <span class="vcard author">
<a class="url fn spip_in" href="spip.php?auteur7">Mara Quist</a></span>, <span class="vcard author">
<a class="url fn spip_in" href="spip.php?auteur8">Jon Reyes</a></span></small></p></div>
<div class="texte crayon article-texte-217">{TEXT}</div><h2>Mots-clés</h2><ul><li><a href="spip.php?mot5" rel=tag>Harbour</a></li>
<li><a href="spip.php?mot6" rel=tag>Repairs</a></li></ul></div></body></html>"""

# TYPO3's news stand in microdata, and its trail is a line of roots.
TYPO3 = f"""<html lang=en><head><title>{TITLE} | {SITE}</title><meta name=generator content="TYPO3 CMS"></head><body>
<ol class=rootline><li><a href="/">Start</a></li><li><a href="/harbour">Harbour</a></li><li>{TITLE}</li></ol>
<main><div class=news-single><div itemscope itemtype="http://schema.org/Article"><h1 itemprop=headline>{TITLE}</h1>
<p><span class=news-list-date><time itemprop=datePublished datetime="2026-03-05T14:05:11+01:00">05.03.2026</time></span>
<span class=news-list-author>By Mara Quist</span></p><div itemprop=articleBody>{TEXT}</div>
<div class=news-backlink-wrap><a href="/news">Back</a></div><ul class=news-tags><li><a href="/tag/harbour">Harbour</a></li>
<li><a href="/tag/repairs">Repairs</a></li></ul></div></div></main></body></html>"""


def said(article: Article) -> tuple[str, tuple[str, ...], datetime | None, tuple[str, ...], int]:
    published = article.published.instant if article.published else None
    return article.title, article.authors, published, article.tags, article.text.count("keepers")


def test_what_ghost_shows_is_read() -> None:
    found = read(GHOST)
    assert said(found) == (TITLE, ("Mara Quist", "Jon Reyes"), AT, ("Harbour", "Repairs"), 4)
    assert found.blocks[0].text == "Ships go to the basin at Lund until April."


def test_what_drupal_shows_is_read() -> None:
    found = read(DRUPAL)
    assert said(found) == (TITLE, ("Mara Quist",), AT, ("Harbour", "Repairs"), 4)


def test_what_joomla_shows_is_read() -> None:
    found = read(JOOMLA)
    assert said(found) == (TITLE, ("Mara Quist",), AT, ("Harbour", "Repairs"), 4)
    assert found.section == "Harbour"


def test_what_spip_shows_is_read() -> None:
    found = read(SPIP)
    assert said(found) == (TITLE, ("Mara Quist", "Jon Reyes"), AT, ("Harbour", "Repairs"), 4)
    assert found.section == "Harbour"


def test_what_typo3_shows_is_read() -> None:
    found = read(TYPO3)
    assert said(found) == (TITLE, ("Mara Quist",), AT, ("Harbour", "Repairs"), 4)
    assert found.section == "Harbour"
