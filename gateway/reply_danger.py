"""Words of somebody in danger, and the same words said of something else. Pure.

Regular expressions over `gateway.replies.plain` text, each between word boundaries, none with a
gap longer than 40 characters. A needless alarm costs less here than a missed one.
"""

from __future__ import annotations

import re
from typing import Final

_KIN: Final = (
    r"(?:mon|ma|mes|le|la|papa|maman|mamie|papi|papy|mamy|fils|fille|mari|femme|mere|pere|grand mere|"
    r"grand pere|voisine?|frere|soeur|petite?|bebe|enfants?|elle|il|ils|elles|on|personne)"
)
_STUCK: Final = (
    r"(?:bloquee?s?|bloke?s?|coincee?s?|coinse?s?|prisonni(?:er|ere)s?|piegee?s?|enfermee?s?|isolee?s?|"
    r"encerclee?s?|entouree?s?|cernee?s?|ensevelie?s?|pris au piege)"
)
_WATER: Final = r"(?:l ?eau|leau|de l ?eau|la riviere|le torrent|la boue)"

#: Said of something else: taken out before danger is looked for.
HARMLESS: Final = (
    # nobody is hurt
    r"(?:pas|plus|aucune?s?|ni|sans|personne n est|personne) (?:de |d |n est )?(?:blessee?s?|"
    r"bloquee?s?|coincee?s?|victimes?|degats?|malaises?|noyee?s?|inondee?s?|danger|fumee|feu|"
    r"urgence|urgent|disparus?|incendie)",
    r"(?:sans|hors de|plus de|pas de) (?:danger|risque)|plus de peur que de mal",
    # it is over
    r"(?:l eau|l aude|la riviere|le niveau)(?: de l eau)? (?:ne monte (?:pas|plus)|a baisse|baisse|"
    r"descend|redescend|est redescendue?|est redescendu)",
    r"(?:feu|incendie) (?:est )?(?:eteint|maitrise|termine|fini)\w*",
    r"(?:on a ete |nous avons ete )secourus?|(?:merci|bravo|remercie\w*)"
    r" (?:\w+ ){0,3}(?:pompiers?|secours|samu|gendarmes)",
    r"merci (?:de|pour) (?:l |votre )?aide",
    # another thing altogether
    r"bebe (?:est |vient d etre )?(?:nee?|dort|va bien|arrive)|(?:est|etait|serai?t?) nee?",
    r"gard\w+ (?:le|mon|notre|un) bebe|(?:inscri\w+|bebe lecteurs|bebe nageurs)",
    rf"{_STUCK} (?:au|dans les?|par les?|en|a la|sur (?:le|la|un|mon)) (?:bureau|travail|bouchons?|"
    r"embouteillages?|travaux|reunion|page|ligne|site|formulaire|parking|boulot|taf|gare|"
    r"caisse|compte|visio|trafic|peage)|" rf"{_STUCK} au feu",
    r"(?:route|rue|compte|numero|carte|telephone|chemin|compte famille|acces|site|porte|portail|"
    r"badge) (?:est |sont |a ete )?(?:bloquee?s?|coincee?s?)",
    r"cessez le feu|feu (?:rouge|vert|orange|d artifice|tricolore|de la saint jean|follet)|feux? de (?:foret|camp) interdits?",
    r"(?:au secours|a l aide|sos|mort de rire|je meurs) .{0,40}(?:lol|mdr|ptdr|haha)|mort de rire",
    r"a l aide (?:je|on) (?:ne )?(?:comprends?|comprend) (?:rien|pas)",
    r"sos (?:plomberie|plombier|medecins|serrurier|depannage|informatique)",
    r"secours (?:populaire|catholique|islamique)|(?:bal|caserne|calendrier|loto|fete) des pompiers",
    r"(?:sapeurs|jeunes sapeurs|amicale des|calendriers? des) pompiers",
    r"vite fait|(?:trop|plus|aussi|roulent|roule|si) vite|au plus vite|bien vite|a tres vite|pas urgent",
    r"pas d urgence|numeros? d urgence|etat d urgence|rien d urgent",
    r"(?:tombe|tombee?s?) (?:en panne|bien|mal|d accord|un (?:lundi|mardi|mercredi|jeudi|vendredi))",
    r"sang(?: froid)|(?:don|collecte) (?:de|du) sang|prise de sang",
)  # fmt: skip

DANGER: Final = (
    # calls
    r"(?:au|o|a|aux|ausecou\w*) ?s[ek]?cours?|ausecours?|au ?skour|secours?|skour|a l aide|aled|sos|help",
    r"aide[rz]? ?(?:moi|nous)|aides? (?:moi|nous)|aidenou|emergency|sauvez|pompiers?|samu|ambulance",
    r"(?:urgent|vite|urgence|emergency)|en danger|besoin (?:d aide|de secours|de secour)",
    r"besoin (?:des? |d une? |de l |d )?(?:pompiers?|medecin|docteur|ambulance|secours|medicaments?)",
    r"(?:venez|viens|venir)(?: \w+){0,3} (?:vite|chercher|aider|sauver)",
    r"(?:appelez|envoyez|appeler)(?: \w+){0,3} (?:pompiers?|secours|samu|ambulance|quelqu un|gendarmes|aide)",
    r"au feu|en feu|(?:appelez|composez|faites) (?:le )?(?:15|17|18|112)|(?:me|se|nous) noient?|noie",
    r"(?:avale|bu|ingere) (?:un |du |de l |des |de la )?(?:produit|javel|medicaments?|pile|poison|champignons?)",
    r"(?:sens|sent) (?:\w+ )?(?:mal|partir)|(?:plus|manque) (?:mes|ses|de|d) (?:medicaments?|traitement|cachets)",
    # stuck
    rf"{_STUCK}|sur (?:le|notre|mon|un|les) (?:toit?s?|toiture)|refugiee?s? (?:sur|au|a|dans)|grenier",
    r"accrochee?s? (?:a|au|aux)|monte(?:e|s|es)? (?:sur|au grenier)|fauteuil roulant|trapped|stuck",
    r"(?:peux?|peut|peu|pouvons|arrive|arrivons|arive|sait|ose)(?: \w+)? (?:plus|pas) (?:a |me |nous |se |s en )*"
    r"(?:descendre|monter|marcher|sortir|evacuer|partir|bouger|respirer|respire|parler|deplacer|lever|relever)",
    # hurt and ill
    r"blessee?s?|blessure|saigne(?:nt)?|hemorragie|sang|inconsciente?|evanouie?|perdu connaissance",
    r"(?:ne |n )?(?:repond|bouge|respire|parle|reveille|reagit)(?:nt)? (?:plus|pas)|ne respire\w*",
    r"malaise|crise (?:cardiaque|d epilepsie|d asthme)|avc|infarctus|asthme|convuls\w+|etouff\w+",
    r"mal (?:a la poitrine|au coeur|dans la poitrine|au thorax)|(?:respire|respirer) (?:\w+ )?mal",
    r"(?:mal|plus|pas) (?:\w+ )?(?:a |bien )?respire[rz]?|brulee?s?|brulures?|hypothermie|electrocute\w*",
    r"(?:plus|manque|pas) d ?(?:oxygene|air|insuline)|plus de (?:medicaments?|respirateur)|doxygene",
    r"dialyse|respirateur|assistance respiratoire|insuline|oxygene|appareil respiratoire|overdose",
    r"(?:fait|fais|eu) (?:un |une )?(?:malaise|crise|chute|attaque|avc|convulsion|arret)",
    rf"{_KIN} (?:est |vient de |s est |a )*(?:tombee?s?|tomber|chute[er]?)|suis tombee?",
    r"tombee?s? (?:dans|du|de|et|par terre|sur|a l eau)|chutee? .{0,40}(?:releve|relever|bouge|bouger)",
    r"accouche[rz]?|contractions?|perd (?:les eaux|beaucoup)|bleeding|(?:not|isn t|stopped) breathing",
    r"intoxi\w+|monoxyde|tete qui tourne|envie de vomir|s est coupee?|tronconneuse|accident",
    # water
    rf"{_WATER} (?:\w+ )?(?:monte|montee?|arrive|entre|rentre|entree|rentree|envahit|deborde|passe)",
    rf"{_WATER} (?:\w+ ){{0,3}}(?:jusqu|jusko|dans|plein|partout|sous la porte|chez)",
    rf"{_WATER} .{{0,25}}(?:genoux?|jenou|taille|cuisses?|chevilles?|fenetres?|porte|maison|cuisine|"
    r"salon|chambre|couloir|escaliers?|etage|garage|partout|lit|cave)",
    r"(?:est|suis|sommes) dans l eau|eau (?:dans|plein) (?:la |ma |notre |le )?(?:maison|cave|cuisine|chambre|salon|garage)",
    r"(?:ca|sa|elle) (?:monte|deborde)|noye\w*|noyade|se noient?|coule(?:nt)?|coulons|inondee?s?|submerge\w*",
    r"(?:maison|cave|rez de chaussee|salon|cuisine|voiture|camion) (?:est |sont )*(?:envahie?s?|dans l eau)",
    r"(?:est|sont|ete|etre|fait|voiture|maison|pont|mari|fils) emporte\w*|emporte\w* par|trop tard .{0,15}eau|drowning|(?:water|flood) (?:\w+ ){0,2}(?:coming|rising|inside|in)",
    # fire, gas, what falls
    r"(?:le |au |du )feu|feu (?:\w+ ){0,3}(?:maison|chez|grange|derriere)|incendie|fumee|fumes?|flammes?",
    r"(?:maison|grange|toit|foret|ca|tout|voiture) (?:est en train de )?brulee?(?:nt)?|ca brule|explosion",
    r"(?:odeur|fuite|sent)(?: \w+)? (?:de |le |du )?gaz|(?:a|is) (?:big )?fire|fire (?:is|in|near|next)",
    r"effondree?s?|ecroulee?s?|s effondre|s ecroule|decombres|sous les gravats|glissement de terrain",
    r"(?:mur|plafond|pont|arbre|cheminee|pylone|falaise)(?: \w+){0,2} (?:est )?tombee?s? sur",
    r"cable\b.{0,30}(?:tombe|sol|terre)",
    # missing and alone
    r"disparue?s?|(?:n est|est) (?:pas|plus) (?:rentree?|revenue?)|(?:re)?trouve(?:ns)? (?:plus|pas) (?:\w+ )?"
    r"(?:fils|fille|mari|mere|pere|enfant|petite?|mamie|papi)",
    r"n ouvre (?:plus|pas)|ne donne(?:nt)? plus signe|volets .{0,30}fermes? depuis|plus toute sa tete",
    r"enfants? (?:est |sont )?(?:tout |toute )?seuls?|(?:on a|nous avons|avec) (?:un|le|mon|notre) bebe",
    r"(?:on a|j ai|elle a|il a|ai) (?:tres |trop |si )?(?:peur|froid)|on est (?:inondes?|noyes?)",
    r"(?:plus|coupure) .{0,20}(?:courant|electricite|chauffage) .{0,30}(?:bebe|oxygene|respirateur|malade)",
    r"bebe .{0,40}plus de chauffage|crie (?:a l aide|au secours)|quelqu un (?:\w+ )?(?:crie|dessous)",
    # violence, despair
    r"agress\w+|fusil|couteau|suicid\w+|en finir|(?:plus|pas) envie de vivre|(?:me|m a|nous|l a) (?:frappee?|tape|tapee|bat|battue?|tue|poignarde\w*)",
    r"(?:va|vais|vont|allons) (?:mourir|se noyer|me tuer|mourrir)|mort(?:e)? de peur|menace[rz]? de",
)  # fmt: skip

#: Written without spaces.
RUN_TOGETHER: Final = (
    r"(?:sos){2}|ausecou|auxsecours|aidemoi|aidez(?:nous|moi)|surletoit|leaurentre|leauarrive|"
    r"leaumonte|est(?:bloque|coince)"
)

_HARMLESS: Final = re.compile("|".join(rf"\b(?:{one})\b" for one in HARMLESS))
_DANGER: Final = re.compile("|".join(rf"\b(?:{one})\b" for one in DANGER))
_RUN_TOGETHER: Final = re.compile(RUN_TOGETHER)


def in_danger(plain: str) -> bool:
    """Say whether plain text speaks of somebody in danger."""
    said = _HARMLESS.sub(" ", plain)
    return bool(_DANGER.search(said) or _RUN_TOGETHER.search(said.replace(" ", "")))
