"""What stands beside an answer: courtesy, signatures, reasons. Pure.

A role says nothing of its own; ``BESIDE`` tells which answers a role may stand beside, and what
stands beside none of these is for a human.
"""

from __future__ import annotations

from typing import Final

ROLES: Final[dict[str, tuple[str, ...]]] = {
    "break": ("|", "¶", "et", "donc", "alors", "voila", "pour_info"),
    "asked": ("§",),
    "but": ("mais", "cependant", "toutefois"),
    "aside": (
        "te", "ve", "ah", "be", "he", "eh", "bah", "ben", "boudu", "peuchere", "pardi", "macarel",
        "adieu", "fan", "fatche", "mon_capitaine", "mon_general", "chef", "wesh", "tocsin",
        "boudiou", "mille_dieux", "hein", "ma_foi", "dame", "allez", "bon", "finalement",
        "vous_savez", "la_mairie", "au_fait", "en_effet", "effectivement", "a_la_mairie",
        "a_la_ligne",
    ),
    "courtesy": (
        "bonjour/bonsoir/salut/coucou/hello/hi/hey/rebonjour @title? *@who? @who?",
        "dear sir/madam", "bonjour/bonsoir/salut/merci/hello SIGNED", "cher/chere? @title *@who?",
        "@title *@who?", "@title @title", "a tous", "bonjour a tous",
        "bonjour/bonsoir a toutes? et? a? tous",
        "bonjour/bonsoir/salut les_amis/l_equipe/chef/tout_le_monde", "svp", "s_il_vous_plait",
        "s_il_te_plait", "s_il_vous_plai", "s_il_v_plait", "sil_vous_plait",
        (
            "un? grand? merci/thanks/thank_you bien/beaucoup/infiniment/encore/d_avance/a_vous/"
            "a_toi/a_tous/de_tout_coeur/mille_fois/very_much/so_much/par_avance? d_avance/"
            "beaucoup/a_tous? @title? *@who?"
        ),
        "merci *@who", "merci a *@who", "merci quand_meme/tout_de_meme", "merci @title",
        "mille? merci", "merci de/pour *@notice",
        "merci pour_tout/l_info/les_infos/cette_info/votre_message/l_information",
        (
            "merci pour/de *invitation/convocation/alerte/rappel/travail/comprehension/"
            "attention/aide/gentillesse/reponse/proposition/disponibilite/patience/action/"
            "devouement *@who?"
        ),
        "merci de penser a @us",
        (
            "merci de penser_a_moi/penser_a_nous/m_avoir_prevenu/nous_avoir_prevenu/"
            "m_avoir_informe/m_avoir_invite/nous_avoir_informe/m_avoir_averti/m_avoir_demande/"
            "l_avoir_dit/me_prevenir/nous_prevenir"
        ),
        "thanks for asking/everything/the_message/letting_me_know",
        "et? je vous remercie d_avance? de? *invitation?", "en vous remerciant d_avance?",
        "avec *remerciements anticipes?", "vous remerciant d_avance?",
        "merci de_votre/pour_votre comprehension/attention", "merci d_en_prendre_note",
        "merci et @bye", "merci d avance", "et? @bye *@who?", "@bye a *@who?",
        "@bye a tous/vous/toi/toute_l_equipe", "je vous prie",
        (
            "recevez/veuillez_agreer/veuillez_recevoir/je_vous_prie_d_agreer *@title? mes/nos/"
            "l_expression_de_mes? @wish"
        ),
        "@wish", "avec? *mes? @wish", "je_vous_prie_d_agreer @title | mes @wish",
        (
            "bonne/bon/belle/excellente journee/soiree/nuit/continuation/semaine/conseil/"
            "reunion/seance/fin_de_journee/apres_midi/week_end/fete/chance/courage/reception/"
            "fin_de_semaine/dimanche/annee a? vous/tous/toi/toute_l_equipe?"
        ),
        (
            "a bientot/demain/jeudi/lundi/mardi/mercredi/vendredi/samedi/ce_soir/plus/"
            "plus_tard/tout_a_l_heure/jeudi_soir"
        ),
        "au_revoir", "see_you soon/there/then?", "bises/bisous a toute_l_equipe/tous",
        "et? bonne_continuation",
    ),
    "device": (
        (
            "envoye/ecrit/sent/message_envoye depuis/de/from/a_partir_de mon/my/un/ma? iphone/"
            "galaxy/samsung/portable/mobile/telephone/android/smartphone/ipad/tablette/huawei/"
            "xiaomi/orange/outlook/appareil/redmi/pixel/oppo/motorola"
        ),
        "outlook pour ios/android",
    ),
    "sign": (
        "SIGNED", "¶ SIGNED", "c_est/ici SIGNED", "@bye |/¶? NAMED", "@bye ¶/| ¶? NAMED",
        "SIGNED and/et SIGNED", "@wish |/¶? NAMED", "¶ %", "SIGNED | %", "SIGNED ¶ %", "% ¶",
        "telephone %",
    ),
    "sorry": (
        "@i? m excuse", "desole/navre/sorry/pardon/desolee @us?", "je suis? desole/navre",
        "je regrette", "malheureusement", "helas", "mille/toutes/avec_toutes? mes/nos excuses",
        "excuser/excusez @us", "je vous prie de m_excuser", "a mon grand? regret", "avec regret",
        "excuser @us aupres *maire/president/conseil", "c_est_dommage", "dommage",
        "je? vous/te presente *excuses", "vraiment? desole", "toutes mes excuses", "mes excuses",
        "unfortunately", "so/very? sorry", "veuillez m excuser",
    ),
    "late": (
        "desole/pardon/excusez_moi/dsl pour/de *retard/reponse_tardive/derangement",
        "excuser *derangement/retard", "je? repond un_peu/trop/si? tard",
        "pardon/desole/excusez_moi de_repondre/de_ma_reponse si/aussi? tard/tardive",
        "desole/pardon je? repond tard", "excusez_moi de vous deranger",
        "desole de/pour? deranger/vous_deranger", "desole j etais sur *tracteur",
    ),
    "easy": (
        "pas de/d? probleme/soucis/souci/pb", "aucun probleme/souci/soucis",
        "sans probleme/souci/hesiter", "sans faute", "avec plaisir", "ca @me va", "comme prevu",
        "super", "parfait", "nickel", "top", "no_problem", "bien_sur", "moi_aussi", "pour_moi",
        "pour_nous",
    ),
    "invited": (
        "convocation bien? recu", "bien? recu *convocation/invitation", "merci pour *convocation",
    ),
    "about": (
        "pour? *code #", "#", "pour *code? #", "code #", "n #", "code n? |? #",
        "pour *@message #", "@message #", "| #", "le #", "numero #",
    ),
    "number": ("%",),
    "when": (
        "le/du/pour_le/@day NUM @month?", "@when", "@day @part", "@at @day @part?", "a/vers &",
        "de @day", "pour @when",
    ),
    "council": (
        "@at? *@council", "@at? *@council @at? @day @part?", "@at? *@council de/d @when",
        "@at? *@council du/de_@day NUM @month?",
    ),
    "because": (
        "@because? @i @work ~?", "@because? @i @am @state ~", "@because? @i @am @state",
        "@because? @i reste ~?", "@because? j ai un/une/des/du/de_la/le/la/mon? @date ~?",
        "@because? @kin @kindo ~", "en @away ~?", "@because? mon/ma/mes/notre @kin @kindo ~",
        "@because? @i ai/avons deja? un/une/des? @date ~?",
        (
            "@because? @i n ai pas/plus? de? voiture/vehicule/moyen_de_transport/le_temps/"
            "temps/permis"
        ),
        "malade", "souffrant", "hospitalise", "de garde", "au travail",
        "pour_raison/raisons/raison @why", "etant? empeche/absent/souffrant/malade/retenu",
        "@because? @i pas? de? voiture", "trop @old",
        "une? obligation/contrainte/urgence familiale/professionnelle me retient ~?", "empeche",
        "travail", "@because? @i suis/sommes @state @state ~?",
        "une_autre_fois/une_prochaine_fois/la_prochaine_fois",
        "@because? @i ne? conduis plus/pas ~?", "j ai mes petits_enfants ~?",
        "je fais *nuit/nuits/route", "bloque au bureau/travail",
        "retenu ailleurs/au_travail/par_le_travail", "j ai piscine",
        "je? suis trop? vieux/vieille/age ~?", "deja pris/prevu/occupe",
        "we are away/back_in_england/abroad ~?", "we_are back in england by then",
        "i m/am away/working/abroad/busy/ill/sick ~?",
        "@because? je suis malade/absent/souffrant/pris/occupe",
        "on a du_monde/les_enfants/des_invites", "j ai deja quelque_chose/autre_chose de? prevu?",
        "pas le_temps/les_moyens/de_temps", "pour cette_fois", "occupe",
        "@because? j ai WORD ans", "@because? je suis handicape ~?", "retenu a/au/aux/par/en ~",
        "pour_cause/cause de ~", "covid", "grippe",
        "probleme/souci/ennui/soucis de? sante/voiture/garde/transport", "trop cher",
        "@because? @i ne? me_deplace/sors/marche/bouge plus/pas ~?", "a_cause @cause ~?",
        "j ai mal au dos ~?",
        "@because? j ai la grippe/la_gastro/le_covid/de_la_fievre/un_rhume ~?",
    ),
    "left": (
        "@because? j ai demenage ~?", "@because? @i avons/a demenage ~?",
        "vous avez le/un? mauvais_numero/faux_numero", "c_est? un? mauvais_numero/faux_numero",
        "vous vous trompez *numero/personne?", "ce n est pas/plus SIGNED",
        "je ne? suis pas *bonne personne", "je ne? suis pas interesse", "mauvais_numero",
        "erreur de? numero?", "erreur", "@because? @i n? habite/habitons plus ~?",
        "@because? @i ne? suis/sommes plus ~?", "je ne? vis plus ~",
        "@because? @i ne? suis/sommes pas *@ofhere",
        "@because? j ai vendu *maison/residence/appartement",
        "c? est? plus *village/commune/ville", "c_est plus mon village",
        "@because? @i suis/sommes parti ~?", "@i ai demenage", "parti ~",
        "je suis pas? plus? concerne", "ca/cela ne? m interesse/concerne pas/plus",
        "pas/plus interesse/concerne",
        "c? est? relou/penible/fatigant/trop/lourd/saoulant/agacant",
        "@because? @i recois trop *@message", "trop de messages",
        "ce n est pas/plus *bon? numero", "ce n est pas/plus *numero de SIGNED",
        "c est plus? le numero de SIGNED", "@i? en ai marre", "y_en_a_marre", "ca_suffit",
        "ca_suffit @many", "ce numero n est plus a SIGNED", "ras_le_bol",
        "ces messages me fatiguent/derangent", "j ai WORD ans et *@message me fatigue/derange",
        "ca fait WORD fois que je le dis/demande/repete", "trop", "cela/ca fait WORD fois",
        "we left france ~?", "we were only? on holiday ~?",
        "au_titre/conformement du/au/a_la? rgpd", "we only came/were on holiday ~?", "j_ai dit",
        "c_est trop", "pour_moi", "merci de *travail", "je_change/j_ai_change de numero",
    ),
    "erred": (
        "@i? ai/a/me_suis fait/envoye/mis/tape/repondu/demande stop ~?", "je me suis @leave ~?",
        "stop c_etait/etait par? une? erreur/megarde", "stop par ereur/erreur/megarde",
        "mon/ma @kin a envoye/fait/mis/tape stop ~?", "ayant demande ~",
        "ayant demande par_megarde/par_erreur l_arret *@message", "j_ai change d_avis",
        "je me suis trompe", "c_etait une? erreur", "@i est/sommes/suis revenu ~?",
        "ils me manquent", "par_erreur", "finalement", "je suis de_retour/revenu ~?",
        "j ai fait stop sans_faire_expres", "j ai fait stop par erreur",
        "stop etait? une? erreur", "on est_de_retour ~?", "fausse_manoeuvre",
    ),
    "glad": (
        "j ai le? temps", "j ai pris *journee/matinee/soiree",
        "mon/ma @kin m emmene/accompagne/conduit", "je ne? manquerai/manquerais pas ca/cela ~?",
        "je serai la", "je ne? manquerais/manquerai ca/cela pour rien_au_monde", "j y serai",
        "je me libere",
        "@i viens/vient/venons avec ma/mon/mes/notre @kin", "je peux venir", "@i peux",
        "de tout coeur", "j ai hate", "j arrive directement du/de? travail/bureau", "i will come",
        "sans hesitation", "on sera 2",
    ),
    "took": (
        "@i reste/restons ~?", "@i ne? sors/bouge/sortons pas/plus ~?", "tout va bien ~?",
        "rien a signaler", "ras", "pas de degats ~?",
        "j ai prevenu/averti/ferme/mis/rentre/informe ~", "nous avons mis/prevenu/ferme/rentre ~",
        "on a prevenu/mis/ferme/rentre/averti ~", "on fait/fera/ferai attention ~?",
        "je fais/ferai attention ~?", "je previens/transmets/passe_le_mot ~?", "bonne_reception",
    ),
    "voice": (
        "@i n ai pas/rien compris *@message?", "@i ne comprends pas/rien *@message?",
        "je ne? entends pas bien ~?", "je n entends pas bien", "mais je decroche",
        "j attends *appel", "au fixe", "je ne? sais pas bien? ecrire ~?",
        "@i ne? sais pas bien ecrire *sms", "quand vous pouvez",
        "je prefere en parler de_vive_voix?", "je prefere *telephone", "i don t speak french",
        "j ai du mal a ~", "je ne_suis_pas_a_l_aise_avec les sms", "j etais sur *tracteur",
        "pas urgent", "rien d urgent", "i do not speak french", "je ne vois pas bien",
    ),
    "pity": ("poucebaisse",),
    "thumb": ("pouceleve",),
    "asever": ("@asever", "tous les deux"),
    "either": (
        "je suis/serai en conge @when?", "je suis a la retraite ~?", "je suis en conge ~?",
    ),
    "never": (
        "non recu/lu/vu/compris/note", "pas recu/compris/vu/lu", "non stop", "non annule",
        "@i? ne? veux pas/surtout_pas @me? @leave", "lol", "bof",
    ),
}  # fmt: skip

ROLE_CLASSES: Final = {
    "who": (
        "maire mairie monsieur madame adjoint adjointe secretaire president equipe "
        "toute_l_equipe l_equipe la_mairie le_maire commune tous toutes ville collegues village "
        "messieurs mesdames a_tous tout_le_monde"
    ),
    "bye": (
        "cordialement bien_cordialement tres_cordialement bien_a_vous bien_a_toi amities "
        "amicalement bien_amicalement respectueusement salutations sinceres_salutations bises "
        "bisous bien_a_vous_tous regards kind_regards best_regards cordiales_salutations "
        "au_revoir a_bientot bonne_journee bonne_soiree merci_d_avance mes_respects bonne_nuit"
    ),
    "wish": (
        "salutations salutations_distinguees respectueuses_salutations sinceres_salutations "
        "meilleures_salutations salutations_respectueuses remerciements respects amities "
        "sentiments_distingues sentiments_respectueux sentiments_les_meilleurs hommages "
        "cordiales_salutations plus_cordiales_salutations salutations_les_meilleures "
        "salutations_cordiales remerciements_anticipes"
    ),
    "cause": "du de des de_la de_mon de_ma",
    "month": (
        "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre"
    ),
    "away": "deplacement vacances conge formation reunion voyage week_end arret_maladie",
    "why": (
        "professionnelle professionnelles familiale familiales medicale medicales personnelle "
        "personnelles de_sante sante"
    ),
    "old": "loin tard vieux age fatigue",
    "ofhere": (
        "chez_vous de_chez_vous de_la_commune du_village d_ici concerne de_cette_commune "
        "interesse de_la_ville habitant_de_la_commune sur_votre_commune"
    ),
}  # fmt: skip

#: Which answers a role may stand beside; a role without a line here stands beside any.
BESIDE: Final[dict[str, frozenset[str]]] = {
    "sorry": frozenset({"no", "absent", "stop", "proxy", "callback", "start"}),
    "easy": frozenset({"yes", "ack", "ok", "present"}),
    "invited": frozenset({"present", "absent", "proxy", "ack"}),
    "about": frozenset({"yes", "no", "ack", "ok", "cancel"}),
    "number": frozenset({"callback"}),
    "when": frozenset({"present", "absent", "proxy"}),
    "council": frozenset({"present", "absent", "proxy"}),
    "because": frozenset({"no", "absent", "stop", "proxy"}),
    "left": frozenset({"stop", "no"}),
    "erred": frozenset({"start"}),
    "glad": frozenset({"yes", "present"}),
    "took": frozenset({"ack", "ok"}),
    "voice": frozenset({"callback"}),
    "pity": frozenset({"no", "stop"}),
    "thumb": frozenset({"yes", "ack", "ok", "start", "present", "callback", "status", "absent"}),
    "asever": frozenset({"yes", "present"}),
    "either": frozenset({"yes", "no", "present", "absent", "proxy"}),
    "never": frozenset(),
}  # fmt: skip

#: What makes a role less likely than an answer that reads as well.
COSTS: Final = {"council": 2, "when": 1, "because": 1, "aside": 1, "sign": 1, "courtesy": 1}
