//! Word lists: units, months, titles, references, names that keep their mark, words with œ.

pub(super) const UNITS: [&str; 100] = [
    "km/h", "m/s", "km²", "km", "m²", "m³", "cm²", "cm³", "cm", "mm", "nm", "µm", "μm", "ha", "kg", "mg",
    "µg", "μg", "g", "t", "l", "L", "cl", "ml", "mL", "hl", "dl", "min", "ms", "ns", "s", "h", "Hz", "kHz",
    "MHz", "GHz", "W", "kW", "MW", "GW", "Wh", "kWh", "MWh", "GWh", "TWh", "V", "A", "K", "Ah", "mAh", "kJ",
    "kcal", "Pa", "hPa", "kPa", "dB", "ko", "Ko", "Mo", "Go", "To", "Po", "Mo/s", "Go/s", "kbit/s", "Mbit/s",
    "Gbit/s", "Tbit/s", "kb/s", "Mb/s", "Gb/s", "px", "pt", "dpi", "ppp", "k€", "M€", "Md€", "EUR", "USD",
    "CHF", "GBP", "FCFA", "m", "l/s", "L/s", "g/l", "g/L", "mg/l", "mg/L", "kW/h", "€/m²", "W/m²", "kg/m³",
    "Mds€", "Mrd€", "K€", "bit/s", "octets/s", "t/h",
];

pub(super) const ENGLISH_UNITS: [&str; 27] = [
    "kB", "KB", "MB", "GB", "TB", "PB", "MB/s", "GB/s", "mph", "lb", "lbs", "oz", "ft", "mi", "thousand",
    "million", "billion", "trillion", "percent", "°C", "°F", "kb", "Mb", "Gb", "Kb", "gal", "yd",
];

pub(super) const NUMBER_WORDS: [&str; 25] = [
    "mille",
    "millier",
    "milliers",
    "million",
    "millions",
    "milliard",
    "milliards",
    "billion",
    "billions",
    "euro",
    "euros",
    "dollar",
    "dollars",
    "franc",
    "francs",
    "centime",
    "centimes",
    "yen",
    "yens",
    "yuan",
    "yuans",
    "Euro",
    "Euros",
    "trillion",
    "trillions",
];

/// Number words after which a currency sign is bound too.
pub(super) const LARGE: [&str; 10] = [
    "millier",
    "milliers",
    "million",
    "millions",
    "milliard",
    "milliards",
    "billion",
    "billions",
    "trillion",
    "trillions",
];

pub(super) const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
/// With their full stop.
pub(super) const SHORT_MONTHS: [&str; 8] = ["janv", "févr", "avr", "juil", "sept", "oct", "nov", "déc"];

pub(super) const ENGLISH_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(super) const TITLES: [&str; 15] =
    ["M.", "MM.", "Mme", "Mmes", "Mlle", "Mlles", "Me", "Dr", "Dre", "Pr", "Pre", "Mgr", "St", "Ste", "Vve"];
pub(super) const ENGLISH_TITLES: [&str; 10] =
    ["Mr", "Mrs", "Ms", "Dr", "Prof", "Mr.", "Mrs.", "Ms.", "Dr.", "Prof."];

pub(super) const REFERENCES: [&str; 13] =
    ["n°", "nº", "N°", "Nº", "n°s", "p.", "pp.", "art.", "chap.", "fig.", "vol.", "t.", "§"];
pub(super) const ENGLISH_REFERENCES: [&str; 7] = ["No.", "p.", "pp.", "fig.", "Fig.", "vol.", "§"];

/// Names that end in a mark of their own.
pub(super) const KEEP: [&str; 8] =
    ["Yahoo!", "Joomla!", "Kahoot!", "Jeopardy!", "Yum!", "E!", "Guess?", "Chips Ahoy!"];

/// What follows a Roman ordinal.
pub(super) const AGES: [&str; 6] =
    ["siècle", "siècles", "millénaire", "millénaires", "République", "Républiques"];

/// Words spelt with œ, in small letters, spelt here with oe.
pub(super) const OE: [&str; 62] = [
    "oeuvre",
    "oeuvres",
    "oeuvrer",
    "oeil",
    "oeillet",
    "oeillets",
    "oeillère",
    "oeillères",
    "oeuf",
    "oeufs",
    "boeuf",
    "boeufs",
    "coeur",
    "coeurs",
    "soeur",
    "soeurs",
    "choeur",
    "choeurs",
    "noeud",
    "noeuds",
    "voeu",
    "voeux",
    "moeurs",
    "rancoeur",
    "rancoeurs",
    "foetus",
    "foetal",
    "oesophage",
    "oecuménique",
    "oestrogène",
    "oestrogènes",
    "écoeurant",
    "écoeurante",
    "écoeurants",
    "écoeurantes",
    "écoeurer",
    "manoeuvre",
    "manoeuvres",
    "manoeuvrer",
    "désoeuvré",
    "désoeuvrée",
    "désoeuvrés",
    "désoeuvrées",
    "désoeuvrement",
    "oeillade",
    "oeillades",
    "oenologue",
    "oenologie",
    "oedème",
    "oedèmes",
    "foetale",
    "foetaux",
    "foetales",
    "oecuméniques",
    "oesophages",
    "consoeur",
    "consoeurs",
    "belle-soeur",
    "oeuvrent",
    "oeuvrait",
    "écoeurement",
    "chef-d'oeuvre",
];

/// The endings of English days.
pub(super) const ORDINALS: [&str; 4] = ["st", "nd", "rd", "th"];

/// English words that begin with an apostrophe.
pub(super) const CONTRACTIONS: [&str; 11] =
    ["tis", "twas", "twere", "em", "cause", "til", "till", "n", "bout", "round", "cos"];

pub(super) const EXTENSIONS: [&str; 47] = [
    "pdf", "png", "jpg", "jpeg", "gif", "svg", "webp", "htm", "html", "css", "js", "ts", "json", "yml",
    "yaml", "toml", "md", "txt", "csv", "tsv", "zip", "gz", "tar", "exe", "doc", "docx", "xls", "xlsx",
    "ppt", "pptx", "odt", "ods", "rs", "py", "php", "sh", "mp3", "mp4", "mov", "log", "eml", "ics", "xml",
    "sql", "ini", "wav", "epub",
];

pub(super) const EMOTICONS: [&str; 40] = [
    ":)", ":(", ";)", ":-)", ":-(", ";-)", "=)", "=(", ":D", ":-D", ":P", ":-P", ":p", ":-p", ":o", ":-o",
    ":O", ":/", ":-/", ":|", ":-|", ":*", ":-*", ":'(", ":'-(", "<3", "^^", "xD", "XD", ";D", ";P", ";p",
    ":]", ":[", "=D", "=P", "8)", "8-)", ":s", ":S",
];
