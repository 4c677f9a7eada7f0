#!/usr/bin/env python3
"""A corpus of dated news items, the same at every run, for measuring builders of sites.

    corpus.py --items 10000 --layout rotative --out DIR   # content/YYYY-MM-DD/slug.md and content/newsletter.yaml
    corpus.py --items 10000 --layout hugo     --out DIR   # content/issues/YYYY-MM-DD/{_index,slug}.md
    corpus.py --items 10000 --layout zola     --out DIR   # the same tree, TOML front matter; an "issues" taxonomy stands
                                                          # for the sections of days, because Zola leaves pages that
                                                          # are not rendered out of section.pages

The same --seed and --items give the same items in every layout, byte for byte in the Markdown: only the front matter
and the folders differ. Items live on the page of their issue, articles have pages of their own. Each item draws from
a generator of its own, seeded by (seed, index): it is the same whatever --items is, except for its date, which counts
back from --end. Only the standard library of Python is used.
"""

import argparse
import datetime as dt
import json
import pathlib
import random
import re
import shutil
import unicodedata

NBSP, NNBSP = "\u00a0", "\u202f"

SUBJECTS = """Le gouvernement|La présidente du conseil régional|L’Assemblée nationale|Le maire de la commune
La Commission européenne|Le syndicat des enseignants|L’équipe de chercheurs|La cour d’appel|Le musée municipal
L’entreprise familiale|La coopérative laitière|Le réseau ferroviaire|L’association des usagers|La préfecture
Le festival d’été|L’hôpital universitaire|La banque centrale|Le tribunal administratif|L’agence météorologique
La fédération sportive|Le conseil départemental|L’observatoire de la qualité de l’air|La bibliothèque numérique
Le collège d’experts|L’autorité de régulation|La société d’économie mixte|Le théâtre national|L’école d’ingénieurs"""

VERBS = """a annoncé|a présenté|a rejeté|étudie|prépare|a confirmé|réclame|a dévoilé|conteste|finance|a suspendu
a rétabli|négocie|souhaite étendre|a voté|met à l’épreuve|a publié|défend|a reporté|accélère|a inauguré"""

OBJECTS = """un plan de rénovation énergétique|la réforme des retraites complémentaires|une étude sur le littoral
le budget de l’année prochaine|la réouverture de la ligne ferroviaire|un moratoire sur les forages
une série de mesures en faveur des lycéens|le chantier du nouveau pôle hospitalier|la hausse du prix de l’électricité
un accord avec les éleveurs de la vallée|l’interdiction des phytosanitaires près des écoles|un fonds d’aide à la création
le déploiement de la fibre dans les villages isolés|une cartographie des crues centennales|la gratuité des cantines
un référendum d’initiative locale|le rachat de l’usine de pâte à papier|une exposition consacrée aux abeilles sauvages
la prolongation du tramway jusqu’à la gare|un contrat pour dix-huit rames à hydrogène|la liste des œuvres retrouvées"""

TAILS = """malgré l’opposition d’une partie des élus|à l’issue de trois années de débats|dès la rentrée de septembre
selon un rapport transmis à la presse|après l’échec des précédentes négociations|sur fond de tensions budgétaires
au terme d’une enquête publique controversée|avec l’appui de plusieurs collectivités voisines|à titre expérimental
en dépit des réserves émises par les juristes|pour une durée de cinq ans renouvelable|devant une salle comble
sans préciser le calendrier définitif|à quelques semaines des élections|dans un climat jugé « très constructif »
grâce à un financement européen de {n} millions d’euros|au profit de {n} communes rurales|pour {n} % des foyers"""

LINKS = """le communiqué|l’étude complète|le compte rendu de séance|les chiffres officiels|notre dossier
la décision intégrale|l’entretien accordé à la radio locale|la carte interactive"""

STRONG = """une première depuis vingt ans|{n} emplois à la clé|aucune date n’a été arrêtée|un recours reste possible
le vote aura lieu jeudi|une hausse de {n} %|la mesure entre en vigueur immédiatement"""

QUOTES = """Nous n’avons jamais été aussi près d’un accord|Il faudra du temps, et sans doute de la patience
C’est une décision équilibrée, mûrement réfléchie|Les habitants méritent mieux que des promesses
Rien n’est joué : tout dépendra de l’été|Ce chiffre nous oblige à revoir nos hypothèses"""

SPEAKERS = """Hélène Lefèvre|Benoît Château|Zoé Nuñez|Jérôme Cœurdevey|Maëlle Kerbrat|François Özgür|Anaïs Dubœuf
Étienne Garçon|Noémie L’Hôpital|Loïc Bézier"""

RUBRICS = ["Économie", "Société", "Culture", "Sciences", "Sport", "Monde", "Régions", "Idées"]

SOURCES = """Le Courrier du Matin|La Dépêche Alpine|L’Écho des Vallées|Mer & Montagne|Le Quotidien Citoyen
Sciences à Vif|La Gazette Européenne|Radio Fréquence Libre|L’Étoile du Nord|Le Fil Économique"""

NEWSLETTER = """title: Le corpus
language: fr
timezone: Europe/Paris
base_url: https://corpus.example
publisher: {name: Corpus, address: "1 rue de la Paix, 35000 Rennes"}
mail: {from: Le corpus <corpus@news.example>, list_id: corpus.news.example}
sections:
"""

TOPIC_HEADS = """énergie|école|forêt|océan|santé|logement|justice|vélo|théâtre|musée|cinéma|agriculture|élevage
hydrogène|climat|fiscalité|emploi|rugby|échecs|littérature"""
TOPIC_TAILS = ["", "régionale", "européenne", "d’été", "à l’étranger", "numérique", "et société", "côtière",
               "publique", "de demain"]


def pool(text):
    return [p.strip() for line in text.splitlines() for p in line.split("|")]


P = {name: pool(globals()[name]) for name in
     "SUBJECTS VERBS OBJECTS TAILS LINKS STRONG QUOTES SPEAKERS SOURCES TOPIC_HEADS".split()}


def french(text):
    """No-break spaces where French typography wants them."""
    for mark in "»:%":
        text = text.replace(" " + mark, NBSP + mark)
    return re.sub(r" ([;!?])", NNBSP + r"\1", text).replace("« ", "«" + NBSP)


def slugify(text):
    text = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def topic_names(count):
    names = []
    for i in range(count):
        tail = TOPIC_TAILS[i // len(P["TOPIC_HEADS"]) % len(TOPIC_TAILS)]
        rank = i // (len(P["TOPIC_HEADS"]) * len(TOPIC_TAILS))
        names.append(" ".join(p for p in (P["TOPIC_HEADS"][i % len(P["TOPIC_HEADS"])], tail, str(rank or "")) if p))
    return names


def sentence(rng):
    text = f"{rng.choice(P['SUBJECTS'])} {rng.choice(P['VERBS'])} {rng.choice(P['OBJECTS'])}"
    if rng.random() < 0.75:
        text += (", " if rng.random() < 0.4 else " ") + rng.choice(P["TAILS"])
    roll = rng.random()
    if roll < 0.14:
        text += f" ({lower(rng.choice(P['SUBJECTS']))} {rng.choice(P['VERBS'])} {rng.choice(P['OBJECTS'])})"
    elif roll < 0.26:
        text += f" : **{rng.choice(P['STRONG'])}**"
    elif roll < 0.40:
        text += f", précise [{rng.choice(P['LINKS'])}](https://exemple.fr/doc/{rng.randrange(10**6)}?a=1&b=2)"
    elif roll < 0.50:
        text += f" : « {rng.choice(P['QUOTES'])} », résume *{rng.choice(P['SPEAKERS'])}*"
    return french(text.replace("{n}", str(rng.randrange(2, 97))) + ".")


def lower(text):
    return text[0].lower() + text[1:]


def body(rng):
    target, words, blocks = rng.randint(60, 180), 0, []
    while words < target:
        roll = rng.random()
        if blocks and roll < 0.08:
            block = "\n".join(f"- {sentence(rng)}" for _ in range(rng.randint(2, 4)))
        elif blocks and roll < 0.16:
            block = french(f"> {rng.choice(P['QUOTES'])}.\n>\n> — {rng.choice(P['SPEAKERS'])}")
        else:
            block = " ".join(sentence(rng) for _ in range(rng.randint(2, 3)))
        words += len(block.split())
        blocks.append(block)
    return "\n\n".join(blocks) + "\n"


def make_item(seed, index, names):
    rng = random.Random(f"{seed}/{index}")
    title = french(f"{rng.choice(P['SUBJECTS'])} {rng.choice(P['VERBS'])} {rng.choice(P['OBJECTS'])}")
    topics = []
    for _ in range(rng.randint(1, 3)):            # quadratic skew: a few topics hold most of the items
        name = names[int(len(names) * rng.random() ** 2)]
        if name not in topics:
            topics.append(name)
    item = {"index": index, "title": title, "slug": f"{slugify(title)[:60].strip('-')}-{index}", "topics": topics,
            "rubric": rng.choice(RUBRICS), "source_name": rng.choice(P["SOURCES"]),
            "source_url": f"https://source-{rng.randrange(40)}.exemple.fr/article/{rng.randrange(10**7)}"}
    item["body"] = body(rng)
    return item


def quoted(text):
    return json.dumps(text, ensure_ascii=False)   # a valid double-quoted string in YAML and in TOML


def front_matter(item, when, layout, article):
    day = when.date().isoformat()
    if layout == "zola":
        lines = ["+++", f"title = {quoted(item['title'])}", f"date = {when.isoformat()}Z"]
        if not article:
            lines.append("render = false")
        lines += ["[taxonomies]", "topics = [" + ", ".join(map(quoted, item["topics"])) + "]"]
        if not article:
            lines.append(f"issues = [{quoted(day)}]")
        lines += ["[extra]",
                  f"slug = {quoted(item['slug'])}", f"issue = {quoted(day)}", f"rubric = {quoted(item['rubric'])}",
                  f"source_name = {quoted(item['source_name'])}", f"source_url = {quoted(item['source_url'])}"]
        return "\n".join(lines + ["+++"]) + "\n\n"
    if layout == "rotative":
        lines = ["---", f"title: {quoted(item['title'])}"]
        lines.append(f"date: {day}" if article else f"section: {slugify(item['rubric'])}")
        lines += ["topics: [" + ", ".join(map(quoted, item["topics"])) + "]",
                  f"sources: [{{name: {quoted(item['source_name'])}, url: {quoted(item['source_url'])}}}]"]
        return "\n".join(lines + ["---"]) + "\n\n"
    lines = ["---", f"title: {quoted(item['title'])}", f"date: {when.isoformat()}Z", f"rubric: {quoted(item['rubric'])}",
             "topics:"] + [f"  - {quoted(t)}" for t in item["topics"]]
    lines += ["source:", f"  name: {quoted(item['source_name'])}", f"  url: {quoted(item['source_url'])}",
              f"anchor: {quoted(item['slug'])}", f"issue: {quoted(day)}"]
    if not article:
        lines += ["build:", "  render: link", "  list: always"]
    return "\n".join(lines + ["---"]) + "\n\n"


def write(file, text):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode())


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--items", type=int, required=True, help="how many items")
    ap.add_argument("--layout", choices=("rotative", "hugo", "zola"), default="rotative")
    ap.add_argument("--out", type=pathlib.Path, required=True)
    ap.add_argument("--articles", type=int, default=0, help="how many long articles besides (0)")
    ap.add_argument("--per-issue", type=int, default=10, help="items of one issue (10)")
    ap.add_argument("--topics", type=int, default=200, help="size of the vocabulary of topics (200)")
    ap.add_argument("--end", type=dt.date.fromisoformat, default=dt.date(2026, 6, 30), help="day of the newest issue")
    ap.add_argument("--seed", type=int, default=1)
    args = ap.parse_args()
    make(args.out, **{key: value for key, value in vars(args).items() if key != "out"})


def make(out, items, layout, articles=0, per_issue=10, topics=200, end=dt.date(2026, 6, 30), seed=1):
    content, names = out / "content", topic_names(topics)
    if content.exists():
        shutil.rmtree(content)
    for start in range(0, items, per_issue):
        day = end - dt.timedelta(days=start // per_issue)
        folder = content / (day.isoformat() if layout == "rotative" else f"issues/{day.isoformat()}")
        for index in range(start, min(start + per_issue, items)):
            item = make_item(seed, index, names)
            when = dt.datetime.combine(day, dt.time(6, 50 - index % per_issue % 50))
            write(folder / f"{item['slug']}.md", front_matter(item, when, layout, False) + item["body"])
        if layout == "hugo":
            title = quoted(f"Numéro du {day.isoformat()}")
            write(folder / "_index.md", f"---\ntitle: {title}\ndate: {day.isoformat()}\n---\n")
    for index in range(items, items + articles):
        item = make_item(seed, index, names)
        item["body"] = "\n".join(make_item(seed, -4 * index - part, names)["body"] for part in range(4))
        day = end - dt.timedelta(days=(index - items) % max(1, items // per_issue))
        folder = content / ("articles" if layout == "rotative" else "pages")
        when = dt.datetime.combine(day, dt.time(6, 0))
        write(folder / f"{item['slug']}.md", front_matter(item, when, layout, True) + item["body"])
    if layout == "hugo":
        write(content / "issues/_index.md", "---\ntitle: Archives\n---\n")
    if layout == "rotative":
        sections = (f"  - {{name: {slugify(r)}, title: {quoted(r)}, kind: brief}}\n" for r in RUBRICS)
        write(content / "newsletter.yaml", NEWSLETTER + "".join(sections))


if __name__ == "__main__":
    main()
