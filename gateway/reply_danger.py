"""Words of somebody in danger, and the same words said of something else. Pure.

Regular expressions over `gateway.replies.plain` text, each between word boundaries, none with a
gap longer than 40 characters. A needless alarm costs less here than a missed one.
"""

from __future__ import annotations

import re
from typing import Final

_KIN: Final = (
    r"(?:mon|ma|mes|le|la|papa|maman|mamie|papi|papy|mamy|fils|fille|mari|femme|mere|pere|"
    r"grand mere|grand pere|voisine?|frere|soeur|petite?|bebe|enfants?|elle|il|ils|elles|on|"
    r"personne)"
)
_STUCK: Final = (
    r"(?:bloquee?s?|bloke?s?|coincee?s?|coinse?s?|prisonni(?:er|ere)s?|piegee?s?|enfermee?s?|"
    r"isolee?s?|encerclee?s?|entouree?s?|cernee?s?|ensevelie?s?|pris au piege)"
)
_WATER: Final = r"(?:l ?eau|leau|de l ?eau|la riviere|le torrent|la boue)"

#: Said of something else: taken out before danger is looked for.
HARMLESS: Final = (
    # nobody is hurt
    (
        r"(?:pas|plus|aucune?s?|ni|sans|personne n est|personne) (?:de |d |"
        r"n est )?(?:blessee?s?|bloquee?s?|coincee?s?|victimes?|degats?|malaises?|noyee?s?|"
        r"inondee?s?|danger|fumee|feu|urgence|urgent|disparus?|incendie)"
    ),
    r"(?:sans|hors de|plus de|pas de) (?:danger|risque)|plus de peur que de mal",
    # it is over
    (
        r"(?:l eau|l aude|la riviere|le niveau)(?: de l eau)? (?:ne monte (?:pas|plus)|"
        r"a baisse|baisse|descend|redescend|est redescendue?|est redescendu)"
    ),
    r"(?:feu|incendie) (?:est )?(?:eteint|maitrise|termine|fini)\w*",
    r"(?:on a ete |nous avons ete )secourus?",
    r"(?:merci|bravo|remercie\w*) (?:\w+ ){0,3}(?:pompiers?|secours|samu|gendarmes)",
    r"merci (?:de|pour) (?:l |votre )?aide",
    # another thing altogether
    r"bebe (?:est |vient d etre )?(?:nee?|dort|va bien|arrive)|(?:est|etait|serai?t?) nee?",
    r"gard\w+ (?:le|mon|notre|un) bebe|(?:inscri\w+|bebe lecteurs|bebe nageurs)",
    (
        rf"{_STUCK} (?:au|dans les?|par les?|en|a la|sur (?:le|la|un|mon)) (?:bureau|travail|"
        r"bouchons?|embouteillages?|travaux|reunion|page|ligne|site|formulaire|parking|"
        r"boulot|taf|gare|caisse|compte|visio|trafic|peage)"
    ),
    rf"{_STUCK} au feu",
    (
        r"(?:route|rue|compte|numero|carte|telephone|chemin|compte famille|acces|site|porte|"
        r"portail|badge) (?:est |sont |a ete )?(?:bloquee?s?|coincee?s?)"
    ),
    r"cessez le feu|feu (?:rouge|vert|orange|d artifice|tricolore|de la saint jean|follet)",
    r"feux? de (?:foret|camp) interdits?",
    r"(?:au secours|a l aide|sos|mort de rire|je meurs) .{0,40}(?:lol|mdr|ptdr|haha)",
    r"mort de rire|a l aide (?:je|on) (?:ne )?(?:comprends?|comprend) (?:rien|pas)",
    r"sos (?:plomberie|plombier|medecins|serrurier|depannage|informatique)",
    r"secours (?:populaire|catholique|islamique)",
    r"(?:bal|caserne|calendrier|loto|fete) des pompiers",
    r"(?:sapeurs|jeunes sapeurs|amicale des|calendriers? des) pompiers|vite fait",
    r"(?:trop|plus|aussi|roulent|roule|si) vite|au plus vite|bien vite|a tres vite",
    r"pas urgent|pas d urgence|numeros? d urgence|etat d urgence|rien d urgent",
    (
        r"(?:tombe|tombee?s?) (?:en panne|bien|mal|d accord|un (?:lundi|mardi|mercredi|"
        r"jeudi|vendredi))"
    ),
    r"sang(?: froid)|(?:don|collecte) (?:de|du) sang|prise de sang",
)  # fmt: skip

DANGER: Final = (
    # calls
    r"(?:au|o|a|aux|ausecou\w*) ?s[ek]?cours?|ausecours?|au ?skour|secours?|skour|a l aide",
    r"aled|sos|help|aide[rz]? ?(?:moi|nous)|aides? (?:moi|nous)|aidenou|emergency|sauvez",
    r"pompiers?|samu|ambulance|(?:urgent|vite|urgence|emergency)|en danger",
    r"besoin (?:d aide|de secours|de secour)",
    (
        r"besoin (?:des? |d une? |de l |d )?(?:pompiers?|medecin|docteur|ambulance|secours|"
        r"medicaments?)"
    ),
    r"(?:venez|viens|venir)(?: \w+){0,3} (?:vite|chercher|aider|sauver)",
    (
        r"(?:appelez|envoyez|appeler)(?: \w+){0,3} (?:pompiers?|secours|samu|ambulance|"
        r"quelqu un|gendarmes|aide)"
    ),
    r"au feu|en feu|(?:appelez|composez|faites) (?:le )?(?:15|17|18|112)",
    r"(?:me|se|nous) noient?|noie",
    (
        r"(?:avale|bu|ingere) (?:un |du |de l |des |de la )?(?:produit|javel|medicaments?|"
        r"pile|poison|champignons?)"
    ),
    r"(?:sens|sent) (?:\w+ )?(?:mal|partir)",
    r"(?:plus|manque) (?:mes|ses|de|d) (?:medicaments?|traitement|cachets)",
    # stuck
    rf"{_STUCK}|sur (?:le|notre|mon|un|les) (?:toit?s?|toiture)",
    r"refugiee?s? (?:sur|au|a|dans)|grenier|accrochee?s? (?:a|au|aux)",
    r"monte(?:e|s|es)? (?:sur|au grenier)|fauteuil roulant|trapped|stuck",
    (
        r"(?:peux?|peut|peu|pouvons|arrive|arrivons|arive|sait|ose)(?: \w+)? (?:plus|"
        r"pas) (?:a |me |nous |se |s en )*(?:descendre|monter|marcher|sortir|evacuer|partir|"
        r"bouger|respirer|respire|parler|deplacer|lever|relever)"
    ),
    # hurt and ill
    r"blessee?s?|blessure|saigne(?:nt)?|hemorragie|sang|inconsciente?|evanouie?",
    r"perdu connaissance",
    r"(?:ne |n )?(?:repond|bouge|respire|parle|reveille|reagit)(?:nt)? (?:plus|pas)",
    r"ne respire\w*|malaise|crise (?:cardiaque|d epilepsie|d asthme)|avc|infarctus|asthme",
    r"convuls\w+|etouff\w+|mal (?:a la poitrine|au coeur|dans la poitrine|au thorax)",
    r"(?:respire|respirer) (?:\w+ )?mal|(?:mal|plus|pas) (?:\w+ )?(?:a |bien )?respire[rz]?",
    r"brulee?s?|brulures?|hypothermie|electrocute\w*",
    r"(?:plus|manque|pas) d ?(?:oxygene|air|insuline)|plus de (?:medicaments?|respirateur)",
    r"doxygene|dialyse|respirateur|assistance respiratoire|insuline|oxygene",
    r"appareil respiratoire|overdose",
    r"(?:fait|fais|eu) (?:un |une )?(?:malaise|crise|chute|attaque|avc|convulsion|arret)",
    rf"{_KIN} (?:est |vient de |s est |a )*(?:tombee?s?|tomber|chute[er]?)|suis tombee?",
    r"tombee?s? (?:dans|du|de|et|par terre|sur|a l eau)",
    r"chutee? .{0,40}(?:releve|relever|bouge|bouger)|accouche[rz]?|contractions?",
    r"perd (?:les eaux|beaucoup)|bleeding|(?:not|isn t|stopped) breathing|intoxi\w+",
    r"monoxyde|tete qui tourne|envie de vomir|s est coupee?|tronconneuse|accident",
    # water
    (
        rf"{_WATER} (?:\w+ )?(?:monte|montee?|arrive|entre|rentre|entree|rentree|envahit|"
        r"deborde|passe)"
    ),
    rf"{_WATER} (?:\w+ ){{0,3}}(?:jusqu|jusko|dans|plein|partout|sous la porte|chez)",
    (
        rf"{_WATER} .{{0,25}}(?:genoux?|jenou|taille|cuisses?|chevilles?|fenetres?|porte|"
        r"maison|cuisine|salon|chambre|couloir|escaliers?|etage|garage|partout|lit|cave)"
    ),
    r"(?:est|suis|sommes) dans l eau",
    (
        r"eau (?:dans|plein) (?:la |ma |notre |le )?(?:maison|cave|cuisine|chambre|salon|"
        r"garage)"
    ),
    r"(?:ca|sa|elle) (?:monte|deborde)|noye\w*|noyade|se noient?|coule(?:nt)?|coulons",
    r"inondee?s?|submerge\w*",
    (
        r"(?:maison|cave|rez de chaussee|salon|cuisine|voiture|camion) (?:est |"
        r"sont )*(?:envahie?s?|dans l eau)"
    ),
    r"(?:est|sont|ete|etre|fait|voiture|maison|pont|mari|fils) emporte\w*|emporte\w* par",
    r"trop tard .{0,15}eau|drowning",
    r"(?:water|flood) (?:\w+ ){0,2}(?:coming|rising|inside|in)",
    # fire, gas, what falls
    r"(?:le |au |du )feu|feu (?:\w+ ){0,3}(?:maison|chez|grange|derriere)|incendie|fumee",
    r"fumes?|flammes?",
    r"(?:maison|grange|toit|foret|ca|tout|voiture) (?:est en train de )?brulee?(?:nt)?",
    r"ca brule|explosion|(?:odeur|fuite|sent)(?: \w+)? (?:de |le |du )?gaz",
    r"(?:a|is) (?:big )?fire|fire (?:is|in|near|next)|effondree?s?|ecroulee?s?|s effondre",
    r"s ecroule|decombres|sous les gravats|glissement de terrain",
    (
        r"(?:mur|plafond|pont|arbre|cheminee|pylone|"
        r"falaise)(?: \w+){0,2} (?:est )?tombee?s? sur"
    ),
    r"cable\b.{0,30}(?:tombe|sol|terre)",
    # missing and alone
    r"disparue?s?|(?:n est|est) (?:pas|plus) (?:rentree?|revenue?)",
    (
        r"(?:re)?trouve(?:ns)? (?:plus|pas) (?:\w+ )?(?:fils|fille|mari|mere|pere|enfant|"
        r"petite?|mamie|papi)"
    ),
    r"n ouvre (?:plus|pas)|ne donne(?:nt)? plus signe|volets .{0,30}fermes? depuis",
    r"plus toute sa tete|enfants? (?:est |sont )?(?:tout |toute )?seuls?",
    r"(?:on a|nous avons|avec) (?:un|le|mon|notre) bebe",
    r"(?:on a|j ai|elle a|il a|ai) (?:tres |trop |si )?(?:peur|froid)",
    r"on est (?:inondes?|noyes?)",
    (
        r"(?:plus|coupure) .{0,20}(?:courant|electricite|chauffage) .{0,30}(?:bebe|"
        r"oxygene|respirateur|malade)"
    ),
    r"bebe .{0,40}plus de chauffage|crie (?:a l aide|au secours)",
    r"quelqu un (?:\w+ )?(?:crie|dessous)",
    # violence, despair
    r"agress\w+|fusil|couteau|suicid\w+|en finir|(?:plus|pas) envie de vivre",
    r"(?:me|m a|nous|l a) (?:frappee?|tape|tapee|bat|battue?|tue|poignarde\w*)",
    r"(?:va|vais|vont|allons) (?:mourir|se noyer|me tuer|mourrir)|mort(?:e)? de peur",
    r"menace[rz]? de",
)  # fmt: skip

#: Written without spaces.
RUN_TOGETHER: Final = (
    r"(?:sos){2}|ausecou|auxsecours|aidemoi|aidez(?:nous|moi)|surletoit|leaurentre|"
    r"leauarrive|leaumonte|est(?:bloque|coince)"
)

_HARMLESS: Final = re.compile("|".join(rf"\b(?:{one})\b" for one in HARMLESS))
_DANGER: Final = re.compile("|".join(rf"\b(?:{one})\b" for one in DANGER))
_RUN_TOGETHER: Final = re.compile(RUN_TOGETHER)


def in_danger(plain: str) -> bool:
    """Say whether plain text speaks of somebody in danger."""
    said = _HARMLESS.sub(" ", plain)
    return bool(_DANGER.search(said) or _RUN_TOGETHER.search(said.replace(" ", "")))
