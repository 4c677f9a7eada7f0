//! The words of the service's pages and letters, in French and in English. `{…}` is filled in.

use crate::model::Language;

/// Every text; the names say where it stands.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) lang: &'static str,
    pub(super) skip: &'static str,
    pub(super) archive: &'static str,
    pub(super) subscribe: Page,
    pub(super) email: &'static str,
    pub(super) which_list: &'static str,
    pub(super) honeypot: &'static str,
    pub(super) consent: &'static str,
    /// What stands for the title where there are several lists.
    pub(super) chosen: &'static str,
    pub(super) subscribe_button: &'static str,
    pub(super) bad_address: &'static str,
    pub(super) no_such_list: &'static str,
    pub(super) sent: Page,
    pub(super) confirm: Page,
    pub(super) confirm_button: &'static str,
    pub(super) confirmed: Page,
    pub(super) leave: Page,
    pub(super) leave_button: &'static str,
    pub(super) left: Page,
    pub(super) refuse: Page,
    pub(super) refuse_button: &'static str,
    pub(super) refused: Page,
    pub(super) preferences: Page,
    pub(super) since: [&'static str; 3],
    pub(super) rhythm: &'static str,
    pub(super) rhythms: [&'static str; 3],
    pub(super) topics: &'static str,
    pub(super) paused: &'static str,
    pub(super) language: &'static str,
    pub(super) save_button: &'static str,
    pub(super) saved: &'static str,
    pub(super) data_heading: &'static str,
    pub(super) data_offer: &'static str,
    pub(super) data_offer_button: &'static str,
    pub(super) data_sent: Page,
    pub(super) leave_link: &'static str,
    pub(super) data: Page,
    pub(super) export_button: &'static str,
    pub(super) erase_button: &'static str,
    pub(super) erased: Page,
    pub(super) invalid: Page,
    pub(super) busy: Page,
    pub(super) too_many: Page,
    pub(super) mail: MailWords,
}

/// A heading and what stands under it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    pub(super) heading: &'static str,
    pub(super) text: &'static str,
}

/// The letters.
#[derive(Debug)]
pub(super) struct MailWords {
    pub(super) confirm: Page,
    pub(super) confirm_button: &'static str,
    pub(super) ignore: &'static str,
    pub(super) never: &'static str,
    pub(super) welcome: Page,
    pub(super) latest: &'static str,
    pub(super) preferences: &'static str,
    pub(super) leave: &'static str,
    pub(super) manage: Page,
    pub(super) data: Page,
    pub(super) data_button: &'static str,
    pub(super) data_ignore: &'static str,
    pub(super) moment: &'static str,
    pub(super) network: &'static str,
}

/// The words of a language; English where there are none.
pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::French => &FRENCH,
        Language::English | Language::Arabic => &ENGLISH,
    }
}

const FRENCH: Words = Words {
    lang: "fr",
    skip: "Aller au contenu",
    archive: "Lire les numéros parus",
    subscribe: Page {
        heading: "S’abonner",
        text: "Laissez votre adresse\u{a0}: un courriel vous demandera de confirmer, et rien d’autre ne partira avant.",
    },
    email: "Votre adresse électronique",
    which_list: "Que voulez-vous recevoir\u{202f}?",
    honeypot: "Laissez ce champ vide",
    consent: "En demandant l’abonnement, j’accepte de recevoir {title} par courriel. Je peux me désabonner à tout moment, en un clic, depuis chaque numéro. Mon adresse ne sert à rien d’autre et rien ne suit ma lecture.",
    chosen: "ce que j’ai choisi ci-dessus",
    subscribe_button: "Recevoir la lettre",
    bad_address: "Ceci ne ressemble pas à une adresse électronique\u{a0}: écrivez-la comme nom@exemple.fr.",
    no_such_list: "Cette liste n’existe pas\u{a0}: choisissez parmi celles-ci.",
    sent: Page {
        heading: "Regardez votre boîte",
        text: "Si cette adresse peut être abonnée, un courriel vient d’y partir. Ouvrez-le et appuyez sur le bouton pour confirmer. Rien reçu dans le quart d’heure\u{202f}? Voyez parmi les indésirables.",
    },
    confirm: Page {
        heading: "Encore un geste",
        text: "Appuyez sur le bouton pour recevoir {title} à cette adresse.",
    },
    confirm_button: "Confirmer mon abonnement",
    confirmed: Page {
        heading: "C’est fait",
        text: "Vous recevrez {title}. Un mot de bienvenue est en route, avec le dernier numéro.",
    },
    leave: Page { heading: "Se désabonner", text: "Appuyez sur le bouton pour ne plus recevoir {title}." },
    leave_button: "Me désabonner",
    left: Page {
        heading: "Vous êtes désabonné",
        text: "Vous ne recevrez plus {title}. Un geste malheureux\u{202f}? Il suffit de vous abonner à nouveau.",
    },
    refuse: Page {
        heading: "Ne plus jamais être sollicité",
        text: "Appuyez sur le bouton pour que cette adresse ne reçoive plus jamais rien de nous, même si quelqu’un la saisit à nouveau.",
    },
    refuse_button: "Ne plus jamais m’écrire",
    refused: Page {
        heading: "C’est noté",
        text: "Cette adresse ne recevra plus rien de nous. Pour revenir un jour, écrivez-nous.",
    },
    preferences: Page { heading: "Vos préférences", text: "" },
    since: [
        "Abonnement à {title} en attente de confirmation depuis le {date}.",
        "Vous recevez {title} depuis le {date}.",
        "Vous ne recevez plus {title} depuis le {date}.",
    ],
    rhythm: "À quel rythme\u{202f}?",
    rhythms: [
        "Chaque numéro",
        "Une fois par semaine, le meilleur de la semaine",
        "Quand un de mes thèmes paraît",
    ],
    topics: "Mes thèmes",
    paused: "Ne rien m’envoyer avant le",
    language: "Langue de ces pages et courriels",
    save_button: "Enregistrer",
    saved: "Vos préférences sont enregistrées.",
    data_heading: "Vos données",
    data_offer: "Pour voir ou effacer tout ce que nous gardons de vous, demandez un lien\u{a0}: il part à votre adresse et vaut trois jours.",
    data_offer_button: "M’envoyer le lien",
    data_sent: Page {
        heading: "Le lien est en route",
        text: "Il part à votre adresse et vaut trois jours. Pas plus de deux demandes par quart d’heure.",
    },
    leave_link: "Se désabonner",
    data: Page {
        heading: "Vos données",
        text: "Emportez tout ce que nous gardons de vous\u{a0}: adresse, préférences et journal de votre consentement. Ou effacez-le\u{a0}: seule reste une empreinte illisible, pour que personne ne vous réinscrive à votre insu.",
    },
    export_button: "Télécharger mes données",
    erase_button: "Tout effacer, définitivement",
    erased: Page {
        heading: "Tout est effacé",
        text: "Nous ne gardons plus rien de vous, sinon une empreinte illisible. Vous ne recevrez plus rien.",
    },
    invalid: Page {
        heading: "Ce lien ne vaut plus rien",
        text: "Il est incomplet, trop ancien ou n’est pas de nous. Reprenez celui du dernier courriel reçu, en entier\u{202f}; ou abonnez-vous à nouveau.",
    },
    busy: Page {
        heading: "Un instant",
        text: "Nous n’avons pas pu enregistrer votre demande. Rien n’est perdu\u{a0}: réessayez dans une minute.",
    },
    too_many: Page {
        heading: "Trop de demandes",
        text: "Beaucoup de demandes viennent de votre réseau. Réessayez dans quelques minutes.",
    },
    mail: MailWords {
        confirm: Page {
            heading: "Confirmez votre abonnement à {title}",
            text: "Le {moment}, quelqu’un a demandé que cette adresse reçoive {title}{network}. Si c’est vous, confirmez avant le {until}.",
        },
        confirm_button: "Confirmer mon abonnement",
        ignore: "Si ce n’est pas vous, ne faites rien\u{a0}: sans confirmation, rien ne vous sera envoyé.",
        never: "Ne plus jamais recevoir cette question",
        welcome: Page {
            heading: "Bienvenue parmi les lecteurs de {title}",
            text: "Votre abonnement est confirmé depuis le {moment}. Le prochain numéro arrivera ici.",
        },
        latest: "Lire le dernier numéro",
        preferences: "Changer vos préférences",
        leave: "Se désabonner",
        manage: Page {
            heading: "Vous êtes déjà abonné à {title}",
            text: "Le {moment}, quelqu’un a demandé que cette adresse reçoive {title}{network}. C’est déjà le cas\u{a0}: si c’est vous, tout est en ordre\u{202f}; sinon, ne faites rien.",
        },
        data: Page {
            heading: "Vos données chez {title}",
            text: "Le {moment}, vous avez demandé à voir ou à effacer ce que nous gardons de vous{network}. Ce lien vaut jusqu’au {until}.",
        },
        data_button: "Voir ou effacer mes données",
        data_ignore: "Si ce n’est pas vous, ne faites rien\u{a0}: rien ne changera.",
        moment: "{date} à {time}",
        network: " (depuis le réseau {network})",
    },
};

const ENGLISH: Words = Words {
    lang: "en",
    skip: "Skip to content",
    archive: "Read past issues",
    subscribe: Page {
        heading: "Subscribe",
        text: "Leave your address: a mail will ask you to confirm, and nothing else leaves before you do.",
    },
    email: "Your e-mail address",
    which_list: "What would you like to receive?",
    honeypot: "Leave this field empty",
    consent: "By subscribing I agree to receive {title} by e-mail. I can unsubscribe at any time, with one click, from every issue. My address is used for nothing else, and nobody follows what I read.",
    chosen: "what I have chosen above",
    subscribe_button: "Send me the newsletter",
    bad_address: "This does not look like an e-mail address: write it as name@example.com.",
    no_such_list: "There is no such list: choose among these.",
    sent: Page {
        heading: "Look into your inbox",
        text: "If this address can be subscribed, a mail is on its way. Open it and press the button to confirm. Nothing within a quarter of an hour? Look among the junk.",
    },
    confirm: Page { heading: "One more step", text: "Press the button to receive {title} at this address." },
    confirm_button: "Confirm my subscription",
    confirmed: Page {
        heading: "Done",
        text: "You will receive {title}. A word of welcome is on its way, with the latest issue.",
    },
    leave: Page { heading: "Unsubscribe", text: "Press the button to receive {title} no more." },
    leave_button: "Unsubscribe me",
    left: Page {
        heading: "You are unsubscribed",
        text: "You will receive {title} no more. A slip of the finger? Just subscribe again.",
    },
    refuse: Page {
        heading: "Never be asked again",
        text: "Press the button, and this address never receives anything from us again, even if somebody enters it once more.",
    },
    refuse_button: "Never write to me again",
    refused: Page {
        heading: "Noted",
        text: "This address receives nothing from us any more. Should you want to come back one day, write to us.",
    },
    preferences: Page { heading: "Your preferences", text: "" },
    since: [
        "Your subscription to {title} has been waiting for confirmation since {date}.",
        "You have received {title} since {date}.",
        "You have not received {title} since {date}.",
    ],
    rhythm: "How often?",
    rhythms: ["Every issue", "Once a week, the best of the week", "When one of my topics appears"],
    topics: "My topics",
    paused: "Send me nothing before",
    language: "Language of these pages and mails",
    save_button: "Save",
    saved: "Your preferences are saved.",
    data_heading: "Your data",
    data_offer: "To see or erase everything we keep about you, ask for a link: it is mailed to your address and lasts three days.",
    data_offer_button: "Mail me the link",
    data_sent: Page {
        heading: "The link is on its way",
        text: "It is mailed to your address and lasts three days. No more than two requests in a quarter of an hour.",
    },
    leave_link: "Unsubscribe",
    data: Page {
        heading: "Your data",
        text: "Take along everything we keep about you: address, preferences and the journal of your consent. Or erase it: only an unreadable fingerprint stays, so that nobody subscribes you again behind your back.",
    },
    export_button: "Download my data",
    erase_button: "Erase everything, for good",
    erased: Page {
        heading: "Everything is erased",
        text: "We keep nothing about you any more but an unreadable fingerprint. You will receive nothing more.",
    },
    invalid: Page {
        heading: "This link is no longer good",
        text: "It is incomplete, too old, or not ours. Take the one in the latest mail, all of it; or subscribe again.",
    },
    busy: Page {
        heading: "One moment",
        text: "We could not record your request. Nothing is lost: try again in a minute.",
    },
    too_many: Page {
        heading: "Too many requests",
        text: "Many requests come from your network. Try again in a few minutes.",
    },
    mail: MailWords {
        confirm: Page {
            heading: "Confirm your subscription to {title}",
            text: "On {moment}, somebody asked for {title} to be sent to this address{network}. If it was you, confirm before {until}.",
        },
        confirm_button: "Confirm my subscription",
        ignore: "If it was not you, do nothing: without confirmation nothing will be sent to you.",
        never: "Never receive this question again",
        welcome: Page {
            heading: "Welcome to {title}",
            text: "Your subscription was confirmed on {moment}. The next issue will arrive here.",
        },
        latest: "Read the latest issue",
        preferences: "Change your preferences",
        leave: "Unsubscribe",
        manage: Page {
            heading: "You already receive {title}",
            text: "On {moment}, somebody asked for {title} to be sent to this address{network}. It is already: if it was you, all is well; if not, do nothing.",
        },
        data: Page {
            heading: "Your data at {title}",
            text: "On {moment}, you asked to see or erase what we keep about you{network}. This link lasts until {until}.",
        },
        data_button: "See or erase my data",
        data_ignore: "If it was not you, do nothing: nothing will change.",
        moment: "{date} at {time}",
        network: " (from the network {network})",
    },
};
