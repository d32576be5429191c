"""The words replies are made of, French and English, as regular expressions over plain text. Pure.

Plain text has no case, accents or punctuation (`gateway.replies.plain`). A phrase must be the
whole of a reply; adding one here is how Tocsin learns to read another way of saying yes.
"""

from __future__ import annotations

import re
from typing import Final

UP: Final = "pouceleve"
DOWN: Final = "poucebaisse"
#: Signs that say a word.
SIGNS: Final = {
    "👍": UP, "👌": UP, "✅": UP, "✔": UP, "☑": UP, "🆗": UP, "🙏": "merci", "🆘": "sos",
    "👎": DOWN, "❌": DOWN, "🏻": "", "🏼": "", "🏽": "", "🏾": "", "🏿": "",
}  # fmt: skip
#: How people shorten words; what is left as it is means something else in another place.
SHORT: Final = {
    "jveu": "je veux", "jveux": "je veux", "jve": "je veux", "jpeux": "je peux", "jpeu": "je peux",
    "jserai": "je serai", "jsuis": "je suis", "jsui": "je suis", "chui": "je suis", "chuis": "je suis",
    "jai": "j ai", "jviens": "je viens", "jvien": "je viens", "jconfirme": "je confirme",
    "plu": "plus", "pr": "pour", "vou": "vous", "nou": "nous", "pa": "pas", "qd": "quand",
    "pouve": "pouvez", "voulé": "voulez", "dacord": "d accord", "daccord": "d accord",
    "okok": "ok ok", "ds": "dans", "tt": "tout", "recoi": "recois", "resu": "recu", "svpp": "svp",
    "anule": "annule", "anulez": "annulez", "anuler": "annuler", "ete": "ete", "presant": "present",
    "abs": "absent", "mess": "message", "msg": "message", "bjour": "bonjour", "quelqun": "quelqu un",
    "qq1": "quelqu un", "2main": "demain", "ke": "que", "nn": "non", "nop": "non", "niet": "non",
    "wi": "oui", "oe": "oui", "ouep": "oui", "oue": "oui", "ouai": "ouais", "yess": "yes",
    "dak": "d accord", "peu": "peux", "veu": "veux", "vien": "viens", "sui": "suis", "jy": "j y",
    "mesage": "message", "mesages": "messages", "sm": "sms", "textos": "textos", "txt": "texto",
    "desincription": "desinscription", "desabonement": "desabonnement", "desabone": "desabonne",
    "arette": "arrete", "arete": "arrete", "aretez": "arretez", "arettez": "arretez",
    "arrettez": "arretez", "envoye": "envoye", "lo": "l eau", "bloke": "bloque", "blokes": "bloques",
    "coinse": "coince", "coinses": "coinces", "skour": "secours", "secour": "secours",
    "pompier": "pompiers", "inonde": "inonde", "pb": "probleme",
}  # fmt: skip
#: Letters that stand for words, before the words that tell so.
HEARD: Final = re.compile(
    r"\b(?:(?P<c>c) (?=bon|ok|note|compris|d accord|recu|vu|lu|clair|parfait|non|oui|impossible)"
    r"|(?P<g>g) (?=vu|lu|recu|bien|compris|note|peur|besoin|mal))"
)


def written_out(found: re.Match[str]) -> str:
    """Return what a letter stands for."""
    return "c est " if found["c"] else "j ai "


# --- courtesy ------------------------------------------------------------------------------

_WHO: Final = (
    r"(?:a )?(?:monsieur|madame|mr|mme|mademoiselle|messieurs|mesdames|m|messieurs dames)"
    r"(?: (?:le|la|l) ?(?:maire|mairie|adjointe?|secretaire|president))?"
    r"|(?:a )?(?:la |ma )?(?:mairie|commune)|a (?:toutes? et )?(?:a )?tous|tout le monde"
    r"|l equipe|chef|mon capitaine|cher(?:e)?s? (?:monsieur|madame|collegues?|ami(?:e)?s?)"
)
_SIR: Final = (
    r"(?:monsieur|madame|mr|mme|mademoiselle|messieurs|mesdames|chef)"
    r"(?: (?:le|la|l) ?(?:maire|mairie|adjointe?|secretaire|president))?"
)
_HELLO: Final = (
    rf"(?:(?:re)?bonjour|bjr|bonsoir|bsr|salut|slt|coucou|hello|hi|hey|allo)(?: (?:{_WHO}))?"
)
_THANKS: Final = (
    r"(?:(?:un |encore |tres |et )*(?:grand )?(?:merci|mrc|mci|thanks|thank you|thx)"
    r"(?: (?:bien|beaucoup|bcp|a toute l equipe|d avance|encore|infiniment|a vous|a toi|pour (?:l |votre |cette |tout|"
    r"les? )?(?:info(?:s|rmations?)?|message|alerte|sms|rappel|tout)|de (?:m avoir|l avoir|nous avoir)"
    r" (?:prevenue?s?|avertie?s?|informee?s?)|a la mairie))*(?: (?:{who}))?)"
).replace("{who}", _WHO)
_PLEASE: Final = r"(?:svp|stp|s il (?:vous|te) plait|s il v(?:ou)?s plait|please|pls|silvouplait)"
_BYE: Final = (
    r"(?:cordialement|cdt|cdlt|cordiales? salutations?|bien cordialement|bien a (?:vous|toi)"
    r"|bonne (?:journee|soiree|nuit|continuation|fin de journee|semaine|apres midi)|a (?:bientot|demain"
    r"|plus(?: tard)?|ce soir|tout a l heure|tte)|salutations?|respectueusement|regards|kind regards"
    r"|bisous?|bises?|bonne chance|courage|bon courage)"
)
COURTESY_FIRST: Final = re.compile(rf"^(?:{_HELLO}|{_THANKS}|{_WHO}|{_PLEASE}|tocsin)\b ?")
COURTESY_LAST: Final = re.compile(
    rf" ?(?:\b(?:et )?(?:{_THANKS}|{_PLEASE}|{_BYE}|{_HELLO}|(?:la )?mairie|{_SIR}))$"
)
#: Below it stands whoever signs.
CLOSING: Final = re.compile(
    rf"(?:{_BYE})(?: .*)?|(?:envoye|ecrit|sent) (?:de|depuis|from|a partir de) (?:mon|my|un) .*"
)
#: Where one clause ends; what dictation writes out.
CLAUSE: Final = re.compile(r"[\n,;.!:…]+|\s[-–—]\s|(?<=\w)\s*\(")
DICTATED: Final = re.compile(
    r"(?i)\bvirgule\b|(?<=\boui )point\b|(?<=\bnon )point\b|\bpoint(?: d'exclamation)?(?=\s*$)"
)
TELEPHONE: Final = re.compile(r"(?:t[ée]l\.? ?)?(?:\+33|0)[\d .]{8,16}")
#: A clause that is a name: with its title, or (as people write it) all in capitals or capitalised.
SIGNATURE: Final = re.compile(
    r"(?:(?:M|Mr|Mme|Mlle|Monsieur|Madame|Famille|Dr|mme|mr|famille)\.? +)?"
    r"(?:(?!(?:Oui|Non|Stop|Ok|OK|OUI|NON|STOP|Pas|Mais|Sauf|Si|Ou|Et|Peut|Je|On|Il|Ne|No|Yes)\b)"
    r"[A-ZÀ-Ý][\w'’-]+|[A-ZÀ-Ý]\.?)(?: +(?:(?:de|du|la|le)\b|[A-ZÀ-Ý][\w'’-]+|[A-ZÀ-Ý]\.?)){0,3}"
)

# --- whole replies -------------------------------------------------------------------------

_MESSAGES: Final = (
    r"(?:(?:de |d |des |les |vos |ces |tous |toutes |tes |me |plus |aucuns? |a |aux? |mes |ce genre de |le |la )*"
    r"(?:messages?|sms|textos?|alertes?|appels?|notifications?|infos?|informations?|communications?|envois?)"
    r"(?: (?:de|du|venant de) (?:vous|la mairie|la commune|votre part|votre mairie|tocsin|ce numero|la ville|la))?(?: de)?)"
)
_YES_WORD: Final = r"(?:(?:oui+|ouais?|ui|yes|yep|yeah|si si|affirmatif|volontiers|d ?accord|dac|dacc|certainement|bien sur|avec plaisir|c est (?:d accord|ok|bon)|ca roule|nickel|super|parfait|absolument|tout a fait|c est bon(?: pour moi)?|ca marche|ca me va)(?: oui+)*)"
_COMING: Final = (
    r"(?:(?:je|j) (?:viens|serai la|arrive|peux(?: venir| y aller)?|suis (?:d accord|disponible|dispo"
    r"|volontaire|partante?|la)|m en (?:charge|occupe)|y vais|viendrai|passe(?:rai)?(?: la voir)?"
    r"|confirme(?: ma (?:presence|venue))?|l accepte|accepte)"
    r"|(?:on|nous) (?:vient|viendra|sera la|arrive|serons la|venons|viendrons|peut|accepte)"
    r"|(?:je )?(?:suis|serai) (?:dispo(?:nible)?|volontaire|partante?)|comptez sur moi"
    r"|vous pouvez compter sur moi|disponible|dispo|volontaire|partante?|ok pour (?:moi|nous)"
    r")"
)
_NO_MATTER: Final = (
    r"(?:pas de (?:probleme|pb|soucis?)|aucun (?:probleme|souci)|sans (?:probleme|souci))"
)
#: Why somebody says no, or leaves.
_BECAUSE: Final = (
    r"(?:(?:car |parce que |puisque )?(?:(?:je|j|on|nous) (?:travaille|garde|bosse|suis (?:malade|en (?:vacances|deplacement|conge|reunion)"
    r"|au travail|de garde|prise?|a l etranger|a l hopital|souffrante?)|serai (?:en (?:vacances|deplacement|conge)|au travail)|ai (?:un (?:rdv|rendez vous|empechement))"
    r"|sommes en (?:vacances|deplacement))(?: (?:ce|le|la|mon|mes|les|notre|jour|soir|demain|matin|cette|semaine|bebe|enfants?|petits?|de|nuit|jusqu|a|au|tard|\d+h)\b)*"
    r"|en (?:deplacement|vacances|conges?)|malade|de garde|au travail|pas cette annee|empechee?|indisponible|retenue? (?:ailleurs|au travail|par le travail)"
    r"|(?:pour )?raisons? (?:professionnelles?|medicales?|familiales?|personnelles?|de sante)))"
)
_LEFT: Final = (
    r"(?:(?:car |parce que )?(?:j ai demenage|(?:c est un |vous avez un )?(?:mauvais|faux) numero|erreur(?: de numero)?"
    r"|je (?:n |ne )?(?:habite|suis) plus (?:ici|la|a .{2,20}|dans la commune|de la commune|concernee?)|je (?:ne )?suis pas concernee?"
    r"|je (?:ne )?suis pas de la commune))"
)
_CANNOT: Final = (
    r"(?:(?:je|j) (?:ne )?(?:peux?|pourrai|pourrais|viens|viendrai|suis) (?:pas|point|malheureusement pas)"
    r"(?: (?:venir|etre la|y aller|disponible|dispo|libre|volontaire|me liberer|malheureusement|aujourd hui"
    r"|ce soir|demain|cette fois(?: ci)?|du tout))*"
    r"|(?:je )?(?:ne )?(?:serai|suis) pas (?:la|disponible|dispo|libre)"
    r"|(?:c est |ce n est )?(?:pas |im)possible(?: pour (?:moi|nous))?(?: (?:ce soir|demain|aujourd hui))?"
    r"|(?:on|nous) (?:ne )?(?:peut|pouvons|vient|viendra|pourra|pourrons) pas(?: venir)?"
    r"|impossible(?: pour moi)?|pas disponible|pas dispo|indisponible|sans moi|pas cette fois(?: ci)?"
    r"|je (?:refuse|decline|passe mon tour))"
)
_SORRY: Final = (
    r"(?:desolee?s?|dsl|sorry|malheureusement|helas|je regrette|je suis desolee?|navree?)"
)
_SEEN: Final = (
    r"(?:(?:(?:j|je|on|nous|jai|g|jé|je l) ?(?:ai|a|avons|e|est)? ?)?(?:bien |bie )?(?:recue?s?|resu|vue?s?|lue?s?"
    r"|compris|pris (?:connaissance|note|bonne note)|note|prevenue?s?|avertie?s?|entendu|copie|ecoute|recu)"
    r"(?: (?:et|&) (?:bien )?(?:recue?s?|vue?s?|lue?s?|compris|note|pris note))*"
    r"(?: (?:cinq sur cinq|5 ?/ ?5|5 sur 5|5/5))?"
    r"(?: (?:le|la|votre|vos|ton|l|ce|les) ?(?:message|sms|alerte|texto|info|information|mail|messages|infos|arrete|convocation|consigne|consignes))?)"
)
_MESSAGE_SEEN: Final = (
    r"(?:(?:votre |le )?(?:message|sms|alerte|info|texto|information)s? (?:bien |est bien |a ete )?"
    r"(?:recue?s?|lue?s?|vue?s?|comprise?|compris|note)(?: et (?:compris|note|lu))?)"
)
_COUNCIL: Final = (
    r"(?: (?:au|a la|pour le|pour la|a|lors du|du|ce|cette|le) ?(?:prochaine? )?(?:conseil(?: municipal)?|cm|seance|reunion)"
    r"(?: (?:de |du |d )?(?:ce soir|demain|lundi|mardi|mercredi|jeudi|vendredi|samedi|municipal))?)?"
    r"(?: (?:ce soir|demain(?: soir)?|lundi|mardi|mercredi|jeudi|vendredi|samedi|jeudi soir|lundi soir|mardi soir"
    r"|vendredi soir|mercredi soir))?"
)
_FULL: Final = r"(?: sans faute| bien sur| comme prevu| evidemment| avec plaisir)?"
_EXCUSED: Final = r"(?:excusee?s?|absente?s?|empechee?s?)"

PHRASES: Final[dict[str, tuple[str, ...]]] = {
    "stop": (
        rf"(?:stop|arret|arrete[zr]?|stoppez|stopper|unsubscribe|opt ?out|desinscri(?:re|ption|vez moi)"
        rf"|desabonne(?:r|z moi|ment|z nous)|desabonne moi|resilie[rz]?|resiliation)"
        rf"(?: (?:sms|mairie|tocsin|pub|all|info|infos|messages?|les sms|les messages|tout|{_MESSAGES}))?"
        rf"(?: {_LEFT})?(?: {_PLEASE})?",
        r"(?:stop|arret) (?:stop|arret)(?: stop)?",
        r"stop (?P<purpose>alertes?|service|information)",
        rf"(?:je (?:ne )?(?:veux|souhaite|desire) plus (?:recevoir |avoir )?(?:aucuns? )?{_MESSAGES}"
        rf"(?: de (?:vous|la mairie|la commune|votre part))?(?: du tout)?)",
        rf"(?:merci de |veuillez |je (?:veux|souhaite|voudrais|demande a) |pouvez vous |priere de |de )?"
        rf"(?:je )?(?:me |nous |m |etre )?(?:desinscri(?:re|te?|vez moi|vez nous)|desabonne[rz]?(?: moi)?|retire[rz]?(?: moi)?"
        rf"|supprime[rz]?(?: moi| mon numero)?|enleve[rz]?(?: moi| mon numero)?|raye[rz](?: moi)?|efface[rz](?: mon numero)?)"
        rf"(?: (?:de|des) (?:la |votre |vos |cette |tes )?(?:listes?|envois?|sms|messages|alertes)"
        rf"(?: (?:de diffusion|d envoi|sms|d alertes?|de la mairie))?)?",
        rf"(?:merci d |veuillez |je vous demande d )?(?:arrete[rz]?|cesse[rz]?|stoppe[rz]?)"
        rf"(?: (?:de|d) (?:m |me |nous )?(?:envoyer|ecrire|envoyez|adresser|appeler|contacter)| (?:de )?m envoyer"
        rf"| vos| les| ces| tous)"
        rf"(?: {_MESSAGES})?(?: (?:de la mairie|tout de suite|maintenant))?",
        rf"(?:ne )?(?:m |me )(?:envoyez|envoie|ecrivez|contactez) plus(?: (?:rien|{_MESSAGES}))?",
        rf"plus (?:de|d|aucun|jamais) {_MESSAGES}|{_MESSAGES} stop|plus rien|(?:ca suffit )stop",
        rf"(?:(?:merci|priere|veuillez|svp|je vous (?:prie|demande)) )?(?:de |d )?(?:ne )?plus (?:me |m |nous )?(?:envoyer|ecrire|contacter|adresser|appeler|"
        rf"recevoir|deranger|embeter|solliciter|importuner)(?: (?:rien|{_MESSAGES}))?(?: svp)?",
        rf"(?:je )?(?:ne )?(?:veux|souhaite|desire|veut) plus(?: (?:rien|en|les|de tout ca|etre (?:contactee?|derangee?|destinataire|sur (?:la|votre|vos) listes?|inscrite?|abonnee?)))?"
        rf"(?: (?:recevoir|avoir))?(?: (?:rien|{_MESSAGES}))?(?: merci)?(?: de vous| de votre part)?",
        rf"(?:je )?(?:me )?(?:desinscris|desabonne|retire)(?: (?:de (?:la|votre|vos|cette) (?:listes?|service)|du service))?",
        rf"(?:desinscrivez|desinscrire|retirez|retirer|supprimez|supprimer|enlevez|enlever|effacez|effacer|rayez|otez)(?: moi| nous)?(?: (?:mon|ce) (?:numero|nom|tel|telephone|portable))?"
        rf"(?: (?:de|des) (?:la|votre|vos|cette|ce|tes|toutes vos|ces)? ?(?:listes?|fichiers?|envois?|sms|messages|contacts|repertoire|base)(?: (?:de diffusion|d envoi|sms|d alertes?))?)?",
        rf"(?:stop|fin|arret|halte) (?:a|aux|au|des|de|d|les|vos) ?(?:vos |ces |tous ces |l )?{_MESSAGES}|fin (?:d )?abonnement|fin des (?:sms|messages|envois)",
        rf"(?:arretez|arrete|arreter|stoppez|cessez)(?: (?:tout|ca|cela|vos|ces|les|de m ecrire|de me contacter|de m appeler|de m envoyer|d envoyer|de nous envoyer))*(?: {_MESSAGES})?(?: maintenant| tout de suite| immediatement)?",
        r"take (?:me|my number) off (?:your|the|this) list|please stop(?: (?:texting|messages))?|stop please|no more (?:sms|texts|messages)",
        rf"(?:stop|no more) (?:messages?|texts?)|remove me(?: from (?:the|this|your) list)?|stop (?:it|sending|texting)(?: me)?(?: messages?)?",
    ),
    "start": (
        r"(?:debut|start|reprise|reprendre|reabonne[rz]?(?: moi)?|reabonnement|reinscri(?:re|ption|vez moi)"
        r"|re abonnement|reactive[rz]?(?: moi)?|reactivation|subscribe|unstop)(?: (?:sms|mairie|alertes?|messages?))?",
        rf"(?:je (?:veux|souhaite|voudrais) )(?:a nouveau |de nouveau )(?:recevoir|avoir) {_MESSAGES}(?: (?:a|de) nouveau)?",
        rf"(?:je (?:veux|souhaite|voudrais) )(?:recevoir|avoir) (?:a nouveau |de nouveau )?{_MESSAGES} (?:a|de) nouveau",
        rf"(?:je (?:veux|souhaite|voudrais) )(?:recevoir|avoir) (?:a nouveau|de nouveau) {_MESSAGES}",
        r"(?:reprenez|vous pouvez reprendre|merci de reprendre) (?:les |vos )(?:envois|messages|sms|alertes)",
        r"(?:je (?:veux|souhaite|voudrais) )?(?:etre |me )?(?:reinscri(?:re|te?)|reabonne[er]?)(?: (?:a|sur|dans) (?:la|votre) liste)?",
        r"(?:je me suis (?:desabonnee?|desinscrite?) par erreur )?remettez moi (?:sur|dans) (?:la|votre) liste",
        rf"(?:je (?:veux|souhaite|voudrais|veux bien) )?re ?recevoir {_MESSAGES}",
        rf"(?:je (?:veux|souhaite|voudrais|veux bien|peux|accepte de) )?(?:recevoir|avoir)? ?(?:a|de) nouveau (?:recevoir |avoir )?{_MESSAGES}",
        rf"(?:vous pouvez |merci de |je (?:veux|souhaite) )?(?:recommence[rz]?|reprene[zr]|reprendre|renvoye[rz]|relance[rz]?|remettre|remettez|redemarre[rz]?)(?: moi| nous| a m envoyer| de m envoyer)?"
        rf"(?: (?:sur|dans) (?:la|votre|vos) listes?(?: (?:d envoi|des alertes|sms|de diffusion))?)?(?: {_MESSAGES})?",
        rf"(?:je )?(?:me )?(?:reinscris|reabonne)(?: (?:aux?|a la liste|a votre liste|a {_MESSAGES}))?(?: {_MESSAGES})?",
        rf"(?:re ?inscri\w*|re ?abonn\w*|reactive[rz]?)(?: moi| nous)?(?: (?:a|aux|sur|dans) (?:la |votre |vos )?(?:listes?|sms|alertes|messages))?(?: {_MESSAGES})?",
        rf"(?:annule[rz]? (?:mon|le) stop|fin du stop|debut (?:des )?{_MESSAGES}|start (?:again|sms)|resume)",
        rf"(?:je me suis (?:trompee?|desabonnee?|desinscrite?)(?: par erreur)? )(?:remettez|reinscrivez|reabonnez) moi(?: (?:sur|dans|a) (?:la|votre) liste)?",
    ),
    "yes": (
        rf"{_YES_WORD}(?: {_YES_WORD})*(?: (?:pour moi|pour nous|bien sur|sans faute|et merci|okay|ok|c est bon|c bon|{_NO_MATTER}|{_COMING}))*",
        rf"{_COMING}(?: {_COMING})?|(?:ok+|okay|moi|pour moi|grand|mais|ben|bah) {_YES_WORD}(?: {_COMING})?|{_YES_WORD} (?:moi aussi|moi|toujours|ok|volontiers)",
        rf"(?:ok|d accord|c est ok|ok c est bon|okay) (?:pour moi|pour nous|pour (?:ce soir|demain)|je viens|j arrive|on vient|{_COMING}|c est bon)",
        r"yes (?:i can|i will|i am coming|of course|sure)|sure|of course|i m coming|i am coming|i ll be there",
        r"(?:ah )?oui (?:c est|ca) (?:bon|d accord|ok|marche|me va|me convient|nous va)(?: pour (?:moi|nous))?|oui (?:madame|monsieur|mme|mr)",
        rf"(?:oui )?(?:(?:je|j|on|nous) (?:y (?:serai|sera|serons|vais|va|allons|suis)|veux bien|confirme|peux?|serai (?:la|dispo(?:nible)?|present pour aider)|suis (?:la|ok|d accord|partante?|dispo(?:nible)?))"
        rf"(?: (?:ce soir|demain(?: matin| soir)?|tout de suite|dans \d+ min(?:utes)?|venir|aider|y aller|avec plaisir|sans faute|bien sur))*)",
        r"(?:oui|ok) (?:(?:bien )?(?:evidemment|entendu|volontiers|effectivement|tout a fait|exactement)|pour (?:ce soir|demain|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche))",
        r"(?:bien )?(?:evidemment|entendu)|pour moi c est (?:oui|ok|bon)|(?:ca|cela) me convient(?: tres bien)?|c est (?:ok|bon|oui) pour (?:moi|nous)|yes (?:please|sir|thanks|sure)|ok j y vais|ok j arrive",
        r"je reponds oui|(?:ma |la )?reponse (?:est )?oui|c est oui",
    ),
    "no": (
        rf"(?:(?:non+|nan|nope|negatif|no)(?: non+)*)(?: merci)?(?: {_SORRY})?(?: {_CANNOT})?(?: {_SORRY})?"
        rf"(?: pas (?:possible|dispo(?:nible)?|cette (?:fois|annee|semaine)|pour moi|du tout|moi|libre))?(?: du tout| pour moi)?",
        rf"(?:{_SORRY} )?{_CANNOT}(?: {_SORRY})?(?: {_BECAUSE})?",
        rf"(?:non|no|nan)(?: merci)?(?: {_SORRY})? {_BECAUSE}(?: {_SORRY})?",
        rf"{_SORRY} non(?: {_CANNOT})?",
        rf"(?:no )?(?:i )?(?:can ?not|can t|cannot)(?: come| make it)?|no (?:sorry|i can t|thanks)|poucebaisse",
        rf"(?:{_SORRY} )?(?:non )?(?:(?:ca|cela|ce) (?:ne )?(?:va|sera|vas|serait)(?: malheureusement)? pas(?: etre)? possible)(?: pour (?:moi|nous))?(?: (?:ce soir|demain))?(?: {_SORRY})?",
        rf"(?:malheureusement|helas|desolee?|dsl) (?:non|pas)(?: (?:dispo(?:nible)?|possible|libre|cette fois))?|non (?:malheureusement|helas)(?: pas)?",
        rf"(?:non )?(?:(?:je|on|nous) (?:ne )?(?:peux?|peut|pouvons|pourrai|pourra|pourrons|viens|viendrai|vient|viendra|veux|veut|participe(?:rai)?|souhaite|suis|serai)(?: malheureusement| vraiment| helas)? (?:pas|plus))"
        rf"(?: (?:venir|dispo(?:nible)?|libre|y aller|etre la|aider|me deplacer|me liberer|volontaire|intereesee?|interessee?|participer|ce soir|demain|aujourd hui|cette fois|du tout|la))*(?: {_SORRY})?(?: {_BECAUSE})?",
        rf"(?:non|nan) (?:(?:c est )?impossible|absente?|(?:je |j )?(?:n |ne )?(?:y )?(?:suis|serai) pas(?: la)?|pas (?:la|ce soir|demain|aujourd hui|maintenant|possible|libre|chez (?:moi|nous))|plus (?:maintenant|possible))(?: {_SORRY})?",
        rf"(?:je |j |on )?(?:n |ne )?(?:y )?(?:serai|suis|sera|est) pas (?:la|chez (?:moi|nous)|en ville|sur place|dans le coin)(?: {_SORRY})?|pas la(?: ce soir| demain)?(?: {_SORRY})?|je n y (?:serai|vais|suis) pas",
        r"non (?:vraiment (?:pas|desolee?)|jamais|surtout pas|pas question|sans facon|pas interesse|trop loin|trop tard|trop age)|pas question|sans facon|(?:no|sorry) (?:thank you|no|i can t|i cannot|i can t come)|pas (?:moi|pour moi|pour nous)",
        r"je reponds non|(?:ma |la )?reponse (?:est )?non|c est non",
    ),
    "ack": (
        rf"(?:(?:oui|ok+|okay|okey|oki|oke|k|d accord|tres bien|parfait|bien)(?: ok+)* )?(?:c est )?{_SEEN}(?: {_BYE})?",
        rf"(?:ok |okay )?(?:je confirme (?:avoir (?:bien )?(?:recu|lu|entendu|vu|pris connaissance)|(?:la |bonne )?(?:reception|lecture))"
        rf"(?: (?:de |du |le |l |votre )*(?:message|sms|alerte|votre message|information))?)",
        r"(?:ok+|okay|okey|oki|k|1|un|touche 1|pouceleve)(?: (?:ok+|pouceleve|1|pour l info|pour info|tres bien|parfait|noted|c est (?:note|recu|vu)))*",
        rf"(?:ok )?{_MESSAGE_SEEN}(?: {_BYE})?",
        rf"(?:ok |oui )?(?:(?:j |nous |on |je )?(?:ai|avons|a|ai bien|avons bien|a bien|l ai|l ai bien) ?(?:bien )?(?:eue?|recue?s?|lue?|vue?|note|compris|pris connaissance|ete (?:prevenue?s?|avertie?s?|informee?s?))"
        rf"(?: (?:de )?(?:le |la |l |votre |vos |ce |du )?(?:message|sms|alerte|appel|info|information|convocation|texto|mail|consigne)s?)?)",
        rf"(?:ok |bien |oui )?(?:eu|recu|vu|lu|note|compris|entendu)(?: et (?:note|lu|compris|vu|recu|approuve|entendu))?(?: (?:pour (?:moi|nous|l info|info)|ici|a \d.{{0,6}}|chez (?:moi|nous)))?(?: {_BYE})?",
        r"(?:ok|okk+|okay|oke|okey) (?:(?:c est )?(?:bon|note|vu|recu|compris|clair)|bien|reçu|parfait|super|chef|la mairie|pour (?:l |votre )?(?:info|information|message)|les gars|ok)|(?:super|parfait|tres bien) (?:c est note|bien recu|recu|note)",
        r"copy(?: that)?|10 4|bien pris|bien pris note|pris en compte|pris note|vu et (?:lu|compris|note)|lu et (?:approuve|compris|note)|informee?s?|message (?:ok|recu 5/5|recu cinq sur cinq)|reception ok|bien receptionne|receptionne",
        r"(?:c est |bien )?(?:note|noted|recu|vu|compris|entendu)(?: merci)?",
        r"(?:message )?(?:received|read|got it|understood|roger|noted|well received|ok got it)",
        r"(?:accuse|accuses) (?:de )?reception|bonne reception|(?:j )?accuse (?:bonne )?reception(?: (?:de |du )?(?:votre )?(?:message|sms))?",
        r"ar|recu cinq sur cinq|5/5|5 sur 5|cinq sur cinq|je suis (?:au courant|prevenue?|avertie?|informee?)|bien note|bien compris",
    ),
    "callback": (
        r"2|deux|touche 2",
        r"(?:(?:merci de (?:bien vouloir )?|pouvez vous |est ce que (?:vous pouvez|quelqu un peut|quelqu un pourrait) |quelqu un peut (?:il )?"
        r"|pourriez vous |peut on |veuillez |vous pouvez |tu peux |il faudrait |de (?:bien vouloir )?)?(?:me |m )?"
        r"(?:r?appele[rz]?|r?apel[lez]+|r?appeller|r?appellez|rapeler|rapele|rappel|recontacte[rz]?)(?: (?:moi|nous|mo))?)"
        r"(?: (?:svp|s il (?:vous|te) plait|vite|des que possible|asap|quand vous (?:pouvez|pourrez)|au plus vite|au (?:0\d|33)[\d ]{8,14}|apres \d\d?h(?:\d\d)?"
        r"|dans la journee|plus tard|demain|ce (?:soir|matin)|cet apres midi|sur (?:mon |le )?(?:fixe|portable)))*",
        r"(?:please )?(?:call|ring|phone) me(?: back)?(?: please)?|call back(?: please)?|(?:je |j )(?:veux|voudrais|souhaite|souhaiterais|prefere|aimerais) (?:etre|qu on me|que vous me) rappel+e[erz]*",
    ),
    "present": (
        rf"(?:oui |ok )?(?:(?:je )?(?:serai|suis|sera|serais)(?: bien)? |(?:je )?confirme (?:ma presence|que je serai present)?|bien |on sera |nous serons )?"
        rf"presente?s?{_COUNCIL}{_FULL}",
        rf"(?:oui )?(?:je )?(?:confirme |vous confirme )?(?:ma )?presence{_COUNCIL}(?: confirmee)?",
        rf"(?:oui )?(?:je )?(?:participerai|assisterai|participe|assiste){_COUNCIL}",
        rf"(?:oui |ok |bonsoir )?(?:je |j |nous |on )?(?:y )?(?:serai|sera|serons|suis|viendrai|viens|confirme(?: que je serai)?)(?: bien)? (?:presente?s?|la|a la reunion)(?: et a l heure)?{_COUNCIL}{_FULL}(?: {_BYE})?" if False else rf"(?:oui |ok )?(?:je |j |nous |on )(?:y )?(?:serai|sera|serons|suis)(?: bien)? presente?s?(?: et a l heure)?{_COUNCIL}{_FULL}(?: a \d\d?h(?:\d\d)?)?",
        rf"(?:ok |oui )?presente?s?(?: (?:et a l heure|moi aussi|tous les deux|sauf imprevu impossible|a l heure))?{_COUNCIL}{_FULL}(?: a \d\d?h(?:\d\d)?)?|(?:ma )?presence (?:est )?confirmee{_COUNCIL}|je (?:vous )?confirme (?:ma presence|etre present|que je (?:serai|viens)(?: bien)? (?:present|la))e?{_COUNCIL}",
        rf"(?:je )?(?:viendrai|viens|serai) (?:bien )?(?:au|a la) (?:conseil|reunion|seance|cm)(?: municipal)?(?: (?:de |du )?(?:ce soir|demain|lundi|mardi|mercredi|jeudi|vendredi|samedi))?|i will (?:be there for the council|attend)",
        rf"(?:je )?(?:serai|suis) (?:bien )?(?:la|des votres|parmi vous) (?:au|pour le) (?:conseil|cm)(?: municipal)?",
    ),
    "absent": (
        rf"(?:non |{_SORRY} )?(?:(?:je )?(?:serai|suis|serais)(?: malheureusement| helas)? )?{_EXCUSED}(?: (?:et |{_EXCUSED}))*{_COUNCIL}(?: {_SORRY})?(?: {_BECAUSE})?",
        rf"(?:non |{_SORRY} )?(?:je )?(?:ne )?(?:serai|pourrai|pourrais|peux|suis|serais)(?: malheureusement)? pas(?: malheureusement)? (?:etre )?(?:presente?|present){_COUNCIL}(?: {_SORRY})?",
        rf"(?:{_SORRY} )?(?:je )?(?:ne )?(?:pourrai|peux|pourrais)(?: malheureusement)? pas (?:y )?(?:assister|participer|venir){_COUNCIL}",
        rf"(?:merci de |veuillez |je vous prie de |priere de )?m ?excuser{_COUNCIL}|excusez moi pour (?:le|ce) (?:conseil|cm)(?: municipal)?",
        rf"(?:merci de |veuillez |je vous prie de |priere de |de |d )?(?:bien vouloir )?(?:(?:m ?excuser|excuser mon absence){_COUNCIL}"
        rf"(?: (?:je )?(?:serai|suis) absente?{_COUNCIL})?)",
        rf"(?:je )?(?:vous )?(?:prie de |remercie de |demande de )?(?:bien vouloir )?(?:m excuser|m ?excuse|excuse[rz]? moi|excusez (?:mon|ma) absence|noter mon absence)(?: (?:pour|de) (?:mon absence|le conseil|la reunion|ce soir|jeudi))?{_COUNCIL}",
        rf"(?:je )?(?:ne )?(?:pourrai|peux|serai|puis)(?: malheureusement| helas| donc)? (?:pas |point )?(?:etre )?(?:la|presente?|des votres|venir|assister|participer){_COUNCIL}(?: {_SORRY})?(?: {_BECAUSE})?" if False else rf"(?:je )?(?:ne )?(?:pourrai|puis|pourrais) (?:malheureusement |helas )?(?:pas )?(?:etre presente?|assister|participer){_COUNCIL}(?: {_SORRY})?(?: {_BECAUSE})?",
        rf"(?:je )?(?:ne )?(?:pourrai|peux|pourrais|serai|viendrai|viens)(?: malheureusement| helas)? pas (?:venir |etre la |la |present |presente )?(?:au|a la|pour le|pour la|du) (?:conseil|reunion|seance|cm)(?: municipal)?(?: (?:de |du |d )?(?:ce soir|demain|lundi|mardi|mercredi|jeudi|vendredi|samedi))?(?: {_SORRY})?(?: {_BECAUSE})?",
        rf"(?:non )?(?:je )?(?:serai|suis)? ?(?:absente?s?|excusee?s?|empechee?s?|retenue?s?)(?: (?:et )?(?:excusee?s?|absente?s?))?{_COUNCIL}(?: (?:excusez moi|je m excuse|mes excuses|toutes mes excuses|sorry))?(?: {_SORRY})?(?: {_BECAUSE})?(?: a \d\d?h)?",
        rf"(?:je )?(?:n |ne )?(?:assisterai|participerai) pas{_COUNCIL}|pas presente?{_COUNCIL}(?: {_SORRY})?|non presente?",
        rf"(?:je )?(?:vous )?(?:informe|signale|confirme)?(?: de)? ?mon absence{_COUNCIL}",
    ),
    "status": (r"(?:l |un )?etats?(?: des lieux)?|statut|status",),
    "cancel": (
        r"(?:merci |veuillez |il faut )?(?:d |de )?(?:annule[rz]?|annulation|cancel|(?:j |je )annule)"
        r"(?: (?:le |la |l )?(?:message|alerte|envoi))?",
    ),
}  # fmt: skip

#: Where a STOP names what it is about.
STOP_PURPOSE: Final = r"stop (?P<purpose>alerte|service|information)s?"

# --- a proxy -------------------------------------------------------------------------------

PROXY: Final = re.compile(
    r"\b(?:pouvoirs?|procurations?)\s*(?:(?:est |sera )?(?:donn[ée]+|confi[ée]+|remis)\s+)?(?:[:=]|\bà\b|\ba\b|\bpour\b|\bau profit de\b|\ben faveur de\b)?\s*"
    r"(?:à\s+|a\s+)?(?P<name>[^\n]+)", re.IGNORECASE,
)  # fmt: skip
BEFORE_PROXY: Final = re.compile(
    rf"(?:(?:{_HELLO}|{_WHO}|{_SORRY}|oui|non|ok|{_EXCUSED}|et|je|j|ne|serai|suis|pourrai|peux|etre|present|presente|pas|"
    r"la|au|conseil|municipal|cm|donc|mais|donne|ai|donner|donnerai|laisse|confie|vous|informe|que|ma|mon|mes|un|une|remets|"
    r"reunion|seance|venir|souhaite|voudrais|vais|avec|bon|demain|ce|soir|lundi|mardi|mercredi|jeudi|vendredi|samedi|empechee?) ?)*"
)
AFTER_NAME: Final = re.compile(
    r"(?i)[.,;!\n]?\s*\b(?:merci\b.*|svp|s'il vous pla[iî]t.*|cordialement.*|cdt.*|bonne (?:journée|soirée|journee|soiree|réunion).*|"
    r"pour (?:le|ce) (?:conseil|cm).*|bien à vous.*|désolée?.*|[aà] bient[oô]t.*)$"
)
NAME: Final = re.compile(
    r"(?:(?:M|Mr|Mme|Mlle|Monsieur|Madame|mme|mr|m|madame|monsieur|MME|MR)\.? +)?"
    r"(?:(?:le|la|l['’]|Le|La) ?(?:maire|Maire|adjointe?))?[\w'’.-]*(?: [\w'’.-]+){0,3}"
)

# --- enrolment -----------------------------------------------------------------------------

ADDRESS: Final = re.compile(
    r"^\d{1,4}\b|\b(?:rue|chemin|impasse|place|avenue|boulevard|route|quai|allee|lotissement|hameau|"
    r"lieu dit|cours|square|traverse|montee|ruelle|promenade|residence|quartier|mas|ferme|lieudit|domaine|passage|"
    r"sentier|esplanade|faubourg|cite|clos|villa|bd|av|ave|ch|imp|lot|rte|res|moulin|ecluse|port)\b"
)

# --- distress ------------------------------------------------------------------------------

#: Said of something else: taken out before distress is looked for.
HARMLESS: Final = re.compile(
    r"\b(?:(?:pas|plus|aucune?s?|ni|sans|personne n est|personne) (?:de |d |n est )?(?:blessee?s?|bloquee?s?|coincee?s?|"
    r"victimes?|degats?|malaises?|noyee?s?|inondee?s?|danger|fumee|feu|urgence|disparus?)"
    r"|(?:bebe|enfant) (?:est |vient d etre )?(?:nee?|dort|va bien|arrive)|(?:est|etait) nee?"
    r"|(?:je suis |rue |route |chemin |on est )?bloquee?s? (?:au|dans les?|par les?) (?:bureau|travail|bouchons?|embouteillages?|travaux|reunion|page|ligne)"
    r"|(?:l eau|l aude|la riviere|le niveau) (?:ne monte (?:pas|plus)|a baisse|baisse|descend|redescend)"
    r"|(?:bloquee?s?|coincee?s?) (?:sur (?:le|la|un) (?:site|page|formulaire|parking)|au (?:boulot|taf|travail|bureau|feu)|a la (?:gare|maison|caisse))"
    r"|gard\w+ (?:le|mon|notre|un) bebe|route bloquee|rue bloquee|compte bloque|numero bloque|carte bloquee|telephone bloque)\b"
)
DISTRESS: Final = re.compile(
    r"\bau secours?\b|\bausecours?\b|\bau ?skour\b|\ba l aide\b|\baidez? ?(?:moi|nous)\b|\bsos\b|\bsecours\b(?! (?:populaire|catholique))"
    r"|\bsecours\b|\bpompiers\b|\bsamu\b|\bambulance\b|\b(?:se noient?|coule(?:nt)?|coulons)\b|\b(?:voiture|camion|maison) (?:emportee?|dans l eau|coule)"
    r"|\b(?:mur|plafond|toit|pont|arbre|cheminee|maison|terrain|falaise)\b.{0,20}\b(?:effondree?s?|ecroulee?s?|tombee?s?|s effondre|s ecroule)\b|\beffondree?|\becroulee?"
    r"|\belectrocute\w*|\bcable\b.{0,20}\b(?:tombe|sol|terre)|\b(?:monoxyde|intoxi\w+)|\btete qui tourne"
    r"|\b(?:est|etait|suis|mari|mere|pere|grand mere|voisine?|femme|fils|fille|papa|maman|mamie|papi)\b(?: (?:est|vient de|a))* (?:tombee?|chuter?|chute)\b|\btombee? (?:dans|du|de|et|par terre)\b"
    r"|\b(?:fait|fais|a eu|a fait) (?:un |une )?(?:malaise|crise|chute|attaque|hemorragie|avc|convulsion)|\basthme\b|\bhemorragie\b|\bconvuls\w+|\bbrulee?s?\b|\bbrulures?\b|\bsang\b"
    r"|\bplus (?:d |de )(?:insuline|medicaments?|respirateur|air|oxygene)|\bhypothermie\b|\b(?:on a|j ai|elle a|il a|ai) (?:tres |trop |si )?(?:peur|froid)\b"
    r"|\benfants? (?:est |sont )?(?:tout |toute )?seuls?\b|\bdisparu\b|\bne (?:trouve|retrouve) (?:plus|pas)\b.{0,25}\b(?:fils|fille|mari|mere|pere|enfant|petit)"
    r"|\b(?:l )?eau\b.{0,25}\b(?:genoux?|taille|cuisses?|chevilles?|fenetres?|porte|maison|cuisine|salon|chambre|couloir|escaliers?|etage|garage|monte|montait|arrive|rentre|entre|partout)\b"
    r"|\b(?:ca|sa|elle) (?:monte|deborde)\b|\bnoye\w*|\binondee?s?\b|\bon est (?:inondes?|noyes?|entoures?|cernes?)\b|\bmontee?s? sur\b|\brefugiee?s? (?:sur|au|a|dans)\b|\baccrochee?s? (?:a|au|aux)\b"
    r"|\bfauteuil roulant\b|\b(?:peux|peut|pouvons|arrive|arrivons|sait)(?: \w+)? (?:plus|pas) (?:a )?(?:descendre|monter|marcher|sortir|evacuer|partir|bouger|respirer|parler|se deplacer|me deplacer)\b"
    r"|\b(?:urgent|vite)\b(?! fait)|\btrop tard\b.{0,15}\beau\b|\bvenez\b.{0,20}\b(?:vite|chercher|aider)|\ba ?u? ?secours|\bagress\w+|\bfusil\b|\bcouteau\b|\bsuicid\w+|\ben finir\b"
    r"|\baide nous\b|\baide moi\b|\bl?o (?:monte|rentre|arrive)\b|\brespire (?:\w+ )?mal\b|\bsous oxygene\b|\briviere (?:est )?dans\b"
    r"|\bgrenier\b|\bn ouvre (?:plus|pas)\b|\bne donne(?:nt)? plus signe\b|\bcourant\b.{0,30}\boxygene\b"
    r"|\b(?:on a |j ai |avons )?besoin (?:d aide|de secours|des? (?:pompiers?|medecin|docteur|ambulance|l ambulance))\b"
    r"|\bhelp\b|\bemergency\b|\btrapped\b|\bdrowning\b|\bstuck\b|\bbleeding\b"
    r"|\b(?:bloquee?s?|coincee?s?|prisonni(?:er|ere)s?|piegee?s?|enfermee?s?|isolee?s?|encerclee?s?|ensevelie?s?)\b(?! (?:au|dans les) (?:bureau|bouchons?))"
    r"|\bblessee?s?\b|\bblessure\b|\bsaigne(?:nt)?\b|\bperd (?:du |son |beaucoup de )?sang\b|\binconsciente?\b|\bevanouie?\b"
    r"|\bne (?:repond|bouge|respire|parle|se reveille)(?:nt)? (?:plus|pas)\b|\b(?:repond|respire|bouge) (?:plus|pas)\b"
    r"|\bmalaise\b|\bcrise (?:cardiaque|d epilepsie)\b|\bavc\b|\binfarctus\b|\bmal (?:a la poitrine|au coeur)\b"
    r"|\bne respire\b|\b(?:plus|manque|pas) d ?oxygene\b|\bn arrive plus a respirer\b|\betouff\w+\b"
    r"|\bl ?eau (?:monte|arrive|entre|rentre|est (?:dans|entree|rentree|a|au)|envahit)\b|\b(?:de l )?eau (?:dans|jusqu)\b"
    r"|\b(?:maison|cave|rez de chaussee|salon|cuisine|voiture) (?:est |sont )?(?:inondee?s?|envahie?s?|submergee?)\b|\bon a de l eau\b"
    r"|\bsur (?:le|notre|mon) toit\b|\bnoyee?s?\b|\bse noie\b|\bnoyade\b|\bemportee?s?\b|\bemporte par\b"
    r"|\b(?:le |au )feu\b(?! rouge| vert| d artifice| tricolore)|\bincendie chez\b|\bfumee\b|\bca brule\b|\bflammes?\b|\bodeur de gaz\b|\bfuite de gaz\b|\bexplosion\b"
    r"|\b(?:mon|notre|un|avec (?:un|le|mon)) (?:bebe|nourrisson)\b|\bbebe\b|\benceinte\b.{0,40}\b(?:contractions?|perd|accouche)\b|\baccouche\b"
    r"|\b(?:tombee?|chutee?) .{0,40}\b(?:releve|relever|bouge|bouger)\b|\bpeut (?:plus|pas) (?:se (?:lever|relever)|bouger|sortir|respirer)\b"
    r"|\b(?:peux|peut|pouvons|arrive|arrivons)(?: \w+)? (?:plus|pas) (?:a )?(?:sortir|respirer|bouger|nous en sortir|s en sortir)\b"
    r"|\bdisparue?s?\b|\bva (?:mourir|se noyer)\b|\bvais mourir\b|\ben danger\b|\burgence\b|\b(?:appelez|envoyez)(?: \w+)? (?:les |des |du |une |vite )*(?:pompiers|secours|samu|ambulance|quelqu un|gendarmes|aide)\b"
    r"|\bvenez vite\b|\bvite venez\b|\bvenez (?:nous|me) (?:chercher|aider|sauver)\b|\bsauvez\b|\bon va (?:mourir|se noyer)\b|\bmort(?:e)?\b.{0,10}\bpeur\b"
    r"|\b(?:dialyse|respirateur|assistance respiratoire|insuline|appareil (?:respiratoire|a oxygene))\b"
)

#: Written without spaces, or over and over.
DISTRESS_IN_ONE: Final = re.compile(
    r"(?:sos){2,}|ausecou|aidemoi|secours{2}|surletoit|auxsecours|leaurentre|leauarrive|estbloque|estcoince|leaumonte|aidez(?:nous|moi)"
)
