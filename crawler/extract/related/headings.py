"""What the press writes over its lists of links: which promise related articles, and which do not."""

import re

_RELATED = re.compile(
    # English
    r"(?:explore |see )?related\b|more (?:on|about) (?:this|the|these) |more on$|more like this|"
    r"more stories you|more to read|"
    r"read (?:more|also|next|on|this)|also read|must[- ]read|see also|also see|you (?:may|might|will|could|"
    r"'ll) (?:also |be )?"
    r"|(?:our |what )?(?:readers|people|others) (?:also |are )?read|recommended|recommendations|"
    r"further reading|keep reading|what to read next|up next|similar|suggested|"
    r"don['’]t miss|in case you missed|continue reading|background$|"
    # German
    r"mehr zum? (?:thema|artikel)|mehr zum|mehr zu diesem|mehr dazu|lesen sie|lies (?:auch|mehr|hier)|"
    r"auch interessant|das könnte |"
    r"passend zum|empfehlung|empfohlen|leseempfehlung|weitere (?:artikel|beiträge|informationen|"
    r"meldungen) zu|ähnliche|zum thema|"
    r"verwandte|siehe auch|weiterlesen|weiterführend|zum (?:selben|gleichen|artikel)|lesetipp|themenverwandt|"
    r"interessant für sie|"
    # French
    r"à lire|a lire|lire (?:aussi|plus|également|la suite)|sur le même|articles? (?:liés?|similaires?|"
    r"connexes?)|voir aussi|"
    r"vous aimerez|recommandé|pour aller plus loin|dans le même|à découvrir|contenus? liés?|"
    # Spanish, Portuguese, Catalan
    r"más información|para saber más|mas informacion|(?:noticias|artículos|contenidos?|temas|"
    r"notas?) relacionad|relacionad[oa]s?|te puede interesar|"
    r"también te|tambien te|lee también|leer más|lea también|le[ea] (?:también|además)|ver también|"
    r"más sobre|te recomendamos|"
    r"recomendad|leia (?:também|mais|ainda)|veja (?:também|mais)|saiba mais|llegeix|"
    # Italian
    r"leggi anche|articoli correlati|correlati|potrebbe interessar|ti potrebbe|consigliat|raccomandat|"
    r"per approfondire|vedi anche|"
    # Dutch and Nordic
    r"lees (?:ook|meer|verder)|gerelateerd|meer over|aanbevolen|les (?:også|mer|mere|om)|læs (?:også|mere)|"
    r"læs mere|"
    r"läs (?:också|även|mer|vidare)|relatert|relaterade?|anbefalt|rekommendera|mer om |mere om |lue (?:myös|"
    r"lisää)|aiheesta|"
    # Slavic and Baltic
    r"czytaj|zobacz (?:też|także|również)|powiązane|polecane|polecamy|podobne|przeczytaj|čtěte|související|"
    r"mohlo by|"
    r"читайте|по теме|материалы по|похожие|рекомендуем|смотрите также|еще по|ещё по|схожі|прочетете|"
    r"skaitykite|susij|"
    # Turkish, Greek, Romanian, Hungarian
    r"ilgili (?:haber|içerik|konu)|ilginizi|bunlar da|benzer|önerilen|διαβάστε|σχετικά|citește|citeste|"
    r"kapcsolódó|"
    # Arabic, Persian, Hebrew, Hindi
    r"اقرأ|إقرأ|(?:\w+ )?ذات (?:ال)?صلة|مواضيع|أخبار ذات|قد يعجبك|قد يهمك|شاهد أيض|مطالب مرتبط|קראו|यह भी|"
    r"ये भी|संबंधित|इन्हें भी|"
    # Chinese, Japanese, Korean
    r"相关(?:阅读|新闻|文章|推荐|链接|报道|专题|内容)?|延伸阅读|推荐(?:阅读)?|猜你喜欢|相關|延伸閱讀|推薦|关联|"
    r"関連|あわせて|合わせて読|おすすめ|こちらも|관련|추천|함께|"
    # South-East Asia
    r"(?:tin|bài)(?: viết)? liên quan|xem thêm|đọc thêm|có thể bạn|baca (?:juga|selengkapnya)|(?:artikel|"
    r"berita) terkait|terkait",
    re.I,
)
_OTHER = re.compile(
    r"most (?:read|viewed|popular|commented|shared|watched|recent)|popular|trending|latest|top (?:stories|"
    r"news|articles?|videos?)|"
    r"(?:top|breaking|today|live|hot)\b|editor['’]?s?['’]? (?:picks?|choice)|just in|headlines|happening|"
    r"featured|must watch|"
    r"more (?:from|in|by|news|stories|articles|top|of)\b|follow|newsletter|sign up|subscribe|comments?|"
    r"share|tags?\b|topics?\b|"
    r"author|about the|advert|sponsor|anzeige|partner|"
    r"meistgelesen|meist gelesen|am meisten|neueste|aktuell|beliebt|topthemen|top-?themen|mehr (?:aus|von|"
    r"nachrichten|news|vom)|"
    r"kommentare|schlagwort|themen$|autor|über (?:den|die) autor|empfohlener (?:redaktioneller|externer)|"
    r"(?:les )?(?:plus|articles?) (?:lus?|populaires|récents)|dernières|à la une|en continu|populaires|"
    r"lo (?:más|último)|más (?:leíd|vist|popular|noticias|de )|últim|destacad|mais (?:lidas|vistas|"
    r"populares|notícias)|"
    r"(?:i )?più (?:letti|visti)|ultime|meest gelezen|mest (?:lest|läst|læst|sett)|siste|senaste|seneste|"
    r"nyeste|"
    r"najpopularniejsze|najnowsze|najczęściej|nejčtenější|популярн|самое|последние|новости|главное|"
    r"en çok|son dakika|öne çıkan|son haberler|الأكثر|آخر|أحدث|热门|最新|排行|点击|热点|"
    r"アクセス|많이 본|최신|"
    r"terpopuler|terbaru|populer|đọc nhiều|mới nhất|tin mới|etiketler|etiquetas|文章标签|标签",
    re.I,
)
# In scripts without spaces what tells may stand at the end.
_OTHER_ANYWHERE = re.compile(
    r"最新|新着|ランキング|热门|排行|人気|点击|많이 본|"
    r"\b(?:latest|newest) (?:articles?|news|stories|posts)\b|"
    r"^(?:\w+ ){0,4}(?:jobs|job offers|stellenangebote|stellenmarkt|offres d['’]emploi|ofertas de empleo)$",
    re.I,
)
# A lead-in of whatever language, behind which a link fills the rest of the line.
_LEAD_IN = re.compile(r"[^.!?。:：|»→]{2,40}[:：|»→]\s*")
_SYMBOLS = re.compile(r"^[\W_]+|[\W_]+$")
_LONGEST, _LEAST_LINKED = 70, 20


def promises_related(text: str) -> bool:
    """Whether a heading says that what follows belongs to this article."""
    text = _SYMBOLS.sub("", text)
    return len(text) <= _LONGEST and bool(_RELATED.match(text)) and not _OTHER_ANYWHERE.search(text)


def promises_other(text: str) -> bool:
    """Whether a heading says that what follows is most read, latest, of a section or of an author."""
    text = _SYMBOLS.sub("", text)
    if len(text) > _LONGEST:
        return False
    return bool(_OTHER_ANYWHERE.search(text)) or bool(_OTHER.match(text) and not _RELATED.match(text))


def is_link_line(text: str, linked: int) -> bool:
    """Whether a line is a short lead-in and one link, in any language; `linked` of its characters are."""
    lead = _LEAD_IN.match(text)
    return lead is not None and linked >= _LEAST_LINKED and len(text) - linked <= len(lead[0]) + 2


def leads_to_related(text: str) -> bool:
    """Whether a line begins with "Read more:" or the like and goes on with a headline."""
    match = _RELATED.match(text.lstrip(" :：>»→▶►+*#|-–—•("))
    return bool(match) and bool(re.match(r"[^:：]{0,30}[:：|»→]", text.lstrip()))
