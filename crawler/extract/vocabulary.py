"""What pages commonly call their parts and their addresses: each word once, by its meaning.

Every constant is a regular expression's alternatives. The first group stands in class names and ids (in lower
case), the second in the paths of addresses. Readers join the meanings they need by `named` or `in_path`.
"""

NAVIGATION = r"nav|navbar|navigation|menu|breadcrumbs?|toolbar|pagination"
SKIPPING = r"skip-?link|language-?switcher"
UNSEEN = r"visually-hidden|sr-only|screen-reader-text|tooltip|modal|placeholder"
FOOTER = r"footer"
SHARING = r"share|sharing|shares|social|social-?media"
QUESTIONS = r"poll|quiz|survey"
CONSENT = r"cookies?|consent"
COMMENTS = r"comments?|comment-?list|disqus|respond|kommentare?|feedback"
LOGIN = r"login|register|identity-\w+"
SUPPORT = r"sign-?up|app-?download|donat\w*|support-?us"
NEWSLETTER = r"newsletter"
SUBSCRIPTION = r"subscribe"
LINK_NETWORKS = r"outbrain|taboola|plista|recirc\w*"
POPULAR = r"popular|trending|most-?read"
LATEST = r"latest|top-?stories"
ONWARD = r"next-?article|more-?stories"
RELATED = r"related|recommend|read-?more|read-?also|see-?also|more-?on"
SPONSORED = r"sponsor\w*|advert\w*|anzeige"
PROMOTION = r"promo"
OTHER_ADVERTISING = r"ad|ads|banner|werbung|cta"
TAGS = r"tags?|tag-?list|topics?"
TAG_CLOUD = r"tag-?cloud"
KEYWORDS = r"keywords?"
AUTHORS = r"by-?lines?|authors?|autor\w*"
AUTHOR_PARTS = r"author-?\w+"
WRITERS = r"author-?name|writers?|contributors?|reporter|journalist"
CREDITS = r"credits?|follow(?:-\w+)?|disclaimer"
TIMES = r"timestamp|pubdate|date|dateline|date-?time|reading-?time"
METADATA = r"metadata|(?:article|post|entry)-?meta|meta"
CARDS = r"teasers?|also|card"
MEDIA = r"player|rating|twitter-tweet|instagram-media|fb-post|embed"
FACT_BOXES = r"info-?box|fact-?box|fakta\w*"
PODCAST = r"podcast"
SECTION_LABELS = r"crumbs?|rootline|kicker|rubri\w+|secci[oó]n|sezione|section|category|topline|eyebrow"

TAG_PATHS = r"tags?|tagg|hashtags?|keywords?|schlagwort|etiqueta|etiket"
TOPIC_PATHS = r"topics?|themen?|thema|temas?|temat|emne|konu|sujet|dossier|specials?|all-about"
PEOPLE_PATHS = r"authors?|autor\w*|profile|people|persons?|users?|by"
SECTION_PATHS = r"categor\w+|sections?|rubri\w+"
SEARCH_PATHS = r"search|suche|buscar"
ACCOUNT_PATHS = r"log-?(?:in|out)\w*|sign-?(?:in|up)|register|members?|\w+-account|account|mi-cuenta"
SUBSCRIPTION_PATHS = r"abo[\w-]{0,8}|subscri\w+|suscri\w+|kunden\w*|newsletters?|boletines"
AUDIO_PATHS = r"podcasts?|audio|radio"
VIDEO_PATHS = r"videos?|tv|live-?tv|mediathek"
IMAGE_PATHS = r"galler\w+|photos?|images?"
SHOP_PATHS = r"shop|stores?|products?|angebote|prospekte|gutscheine?|coupons|marktplatz"
HOUSE_PATHS = r"about|contact|jobs?|karriere|careers?|help|hilfe|faq|service"
LEGAL_PATHS = (
    r"impressum|imprint|legal|privacy\S{0,10}|datenschutz\S{0,10}|terms\S{0,12}|nutzungs\w+|agb|cookies?|"
    r"consent|accessibility"
)
PLAY_PATHS = r"games?|spiele|juegos|puzzles?|raetsel|quiz\w*|horoscope?\w*"
WEATHER_PATHS = r"weather|wetter"
ADVERTISING_PATHS = r"advertis\w+|sponsored|werben?|mediadaten|gewinnspiele?|contests"
ARCHIVE_PATHS = r"archive?s?|archiv|e-?paper"
MACHINE_PATHS = r"feeds?|rss|wp-content|wp-login\S*|cdn-cgi|apps?|sitemap\S*"
EVENT_PATHS = r"events?"


def named(*meanings: str) -> str:
    """A pattern for a class name or id that holds one of these words whole."""
    return rf"(?:^|[\s_-])(?:{'|'.join(meanings)})(?=$|[\s_\d-])"


def in_path(*meanings: str) -> str:
    """A pattern for one of these words as a whole segment of a path."""
    return rf"/(?:{'|'.join(meanings)})(?=$|[/?.])"
