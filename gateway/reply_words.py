"""The classes of words that replies are made of, French and English. Pure.

Written without accents' help and without endings: « envoyez », « envoyer » and « envoyé » compare
alike (`gateway.reply_spelling.key`); ``_`` joins words that stand for one.
"""

from __future__ import annotations

from typing import Final

_ONES: Final = (
    "message sms texto notification communication envoi avertissement mails sms_d_alerte "
    "messages_d_alerte sms_d_information messages_d_information alertes_sms appels_de_la_mairie"
)
_MANY: Final = " ".join(
    f"{some}_{what}"
    for some in ("les", "vos", "des", "ces", "aux", "tous_les", "toutes_les", "tous_vos", "tes")
    for what in ("messages", "sms", "textos", "alertes", "infos", "informations", "notifications",
                 "envois", "communications", "avertissements", "appels")
)  # fmt: skip

CLASSES: Final = {
    # --- little words
    "the": (
        "le la les l un une des de du d vos votre ton ta tes ces cette ce cet mon ma mes nos "
        "notre tous toutes tout aucun aucune ce_genre_de a aux au"
    ),
    "i": "je j on nous",
    "ne": "ne n",
    "not": (
        "pas plus pas_du_tout vraiment_pas malheureusement_pas helas_pas surtout_pas "
        "pas_vraiment"
    ),
    "me": "me m nous m_en nous_en",
    "us": "moi nous",
    "at": "a au aux pour_le pour_la pour_l pour lors_du lors_de_la du de_la de ce cette le la l",
    "because": "car parce_que puisque comme vu_que",
    "and": "et puis alors",
    # --- time and place
    "day": "lundi mardi mercredi jeudi vendredi samedi dimanche demain ce_soir aujourd_hui",
    "part": "soir matin midi apres_midi prochain",
    "when": (
        "ce_soir demain aujourd_hui maintenant ce_jour_la ce_jour la_semaine_prochaine "
        "cette_fois "
        "cette_fois_ci cette_annee cette_semaine demain_soir demain_matin lundi mardi mercredi "
        "jeudi vendredi samedi dimanche ce_week_end ce_weekend tout_de_suite cet_apres_midi "
        "lundi_soir mardi_soir mercredi_soir jeudi_soir vendredi_soir samedi_soir dimanche_soir"
    ),
    "council": "conseil conseil_municipal cm seance reunion conseil_municipal_extraordinaire",
    "town": "mairie commune ville village tocsin votre_part vous venant_de_la_mairie service",
    # --- what is sent and how
    "message": f"{_ONES} {_MANY}",
    # an « alerte » or an « information » in the singular is one that is under way, or more to know
    "many": _MANY,
    "notice": f"{_ONES} {_MANY} alerte info information avis appel",
    "list": (
        "liste listes fichier base repertoire envois diffusion contacts registre abonnes "
        "liste_de_diffusion liste_d_envoi liste_d_alerte liste_sms destinataires mailing ici la "
        "liste_des_destinataires liste_de_la_mairie sms alertes messages service annuaire "
        "liste_d_appel liste_d_appels liste_des_alertes systeme"
    ),
    "number": "numero nom coordonnees portable telephone numero_de_telephone",
    "send": "envoyer envoie envoi adresser ecrire ecrivez contacter deranger solliciter prevenir "
            "importuner embeter envoyer_de envoyer_des joindre spammer alerter informer",
    "sent": (
        "contacte derange prevenu averti informe inscrit abonne destinataire sollicite alerte "
        "dans sur sur_la sur_votre sur_vos dans_la dans_votre dans_vos de_vos embete"
    ),
    "receive": "recevoir avoir voir lire",
    "cease": "arreter cesser stopper stop cessez arretez",
    "remove": "retirer enlever oter rayer supprimer effacer radier sortir exclure retire enleve",
    "leave": "desinscrire desinscrivez desinscris desinscrit desinscrir desinscriv desabonner "
             "desabonnez desabonne desinscrivez desinscri desengager",
    "join": "reinscrire reinscrivez reinscris reinscrit reinscrir reinscriv reabonner reabonne "
            "re_inscrire re_inscrivez re_abonner reactiver reintegrer reinscri",
    "putback": "remettre remettez remet retablir reactiver relancer reprendre reprenez "
               "recommencer reintegrer rajouter rajoute rebrancher",
    "again": "a_nouveau de_nouveau encore comme_avant nouveau",
    "want": "veux voulons voudrais voudrait souhaite souhaitons desire prefere souhaiterais "
            "aimerais voudrions desirerais tiens_a",
    "ask": (
        "il_faut faut "
        "merci_de merci_d merci_de_bien_vouloir veuillez veuillez_bien_vouloir priere_de "
        "priere_d "
        "je_vous_prie_de je_vous_prie_de_bien_vouloir je_vous_demande_de je_vous_demande_d "
        "je_vous_saurais_gre_de_bien_vouloir je_vous_saurais_gre_de je_demande_a "
        "je_demande_a_etre "
        "je_vous_serais_reconnaissant_de je_veux je_voudrais je_souhaite je_souhaiterais "
        "j_aimerais je_desire je_prefere nous_souhaitons nous_voulons je_tiens_a je_vous_prie "
        "nous_vous_prions_de il_faudrait il_faut veuillez_s_il_vous_plait je_veux_bien "
        "de_bien_vouloir "
        "nous_aimerions on_voudrait on_veut on_aimerait je_vous_prie_donc_de faites_moi "
        "vous_seriez_gentil_de vous_seriez_aimable_de ayez_l_obligeance_de ayez_la_gentillesse_de"
    ),
    "canyou": (
        "pouvez_vous pourriez_vous vous_pouvez vous_pourriez est_ce_que_vous_pouvez peux_tu "
        "tu_peux pourrais_tu est_il_possible_de est_il_possible_d serait_il_possible_de "
        "serait_il_possible_d est_ce_possible_de est_ce_possible_d c_est_possible_de "
        "est_ce_que_vous_pourriez can_you could_you auriez_vous_l_obligeance_de "
        "auriez_vous_la_gentillesse_de voulez_vous_bien puis_je peut_on pourrait_on "
        "auriez_vous_l_amabilite_de pouvez_vous_s_il_vous_plait serait_ce_possible_de "
        "pourriez_vous_s_il_vous_plait voudriez_vous"
    ),
    # --- people
    "title": "monsieur madame mademoiselle messieurs mesdames m chef",
    "kin": "fille fils mari femme mere pere maman papa enfants enfant petit_fils petite_fille "
           "soeur frere copine copain compagnon compagne conjoint epouse epoux neveu niece "
           "petits_enfants belle_fille gendre amie ami voisine voisin belle_mere beau_pere",
    # --- reasons
    "work": (
        "travaille bosse garde dors demenage opere voyage pars pars_en part partira partirai "
        "travaillerai travaillons gardons partons bossons garderai"
    ),
    "am": "suis serai sommes serons etais sera est",
    "state": "en au aux chez de a malade pris prise occupe retenu souffrant fatigue trop grippe "
             "hospitalise alite parti deja_pris deja_prise contraint oblige invite age",
    "date": "rendez_vous un_rendez_vous ecole piscine cours reunion match travail entrainement "
            "empechement mariage bapteme anniversaire enterrement obseques examen repas invites "
            "consultation kine dentiste medecin gym messe autre_chose autre_chose_de_prevu "
            "operation "
            "engagement foot danse musique chorale garde formation les_enfants les_petits famille "
            ""
            "un_empechement mes_petits_enfants les_petits_enfants deja_quelque_chose "
            "trop_de_travail",
    "kindo": "se s est sont a ont travaille vient arrive garde accouche me m",
    # --- praise
    "nice": (
        "super parfait nickel genial top tres_bien impeccable cool formidable excellent "
        "chouette"
    ),
}  # fmt: skip

#: Lists of a town's messages that a STOP may name; the three purposes stand in capitals elsewhere.
PURPOSES: Final = frozenset({"alerte", "alertes", "service", "services", "information",
                             "informations"})  # fmt: skip
THEMES: Final = (
    "cantine marche travaux ecole periscolaire garderie sport culture agenda fetes bibliotheque "
    "mediatheque transport bus dechets ordures poubelles eau coupures meteo crue associations "
    "sorties spectacles concerts evenements animations loisirs ados jeunes aines seniors ccas "
    "commerces elections newsletter bulletin actualites centre_aere creche college voirie "
    "circulation manifestations vigilance patrimoine tourisme cinema piscine foot chasse "
    "stationnement vaccination environnement collecte encombrants repas club"
)
#: What no stretch said loosely may hold: doubt, questions, and what asks for somebody.
DOUBT: Final = (
    "conseil seance cm mais si sauf peut ou sinon quand comment combien pourquoi quel "
    "quelle qui quoi que "
    "qu sur sure normalement priori cependant toutefois pourtant sans besoin aide eau feu bloque "
    "message sms numero mairie maire vous question dit repondu envoye recu compris trompe "
    "oui non "
    "stop ok absent present pouvoir procuration rappel rappeler rappelle appel appeler appelle "
    "viens viendrai viendra disponible libre accord venir voir dites parce enfin bof lol code "
    "alerte liste annule annuler erreur panne coupure probleme urgent vite volontiers "
    "joie plaisir "
    "entendu yes no sorry carrement affirmatif negatif possible impossible jamais "
    "finalement plutot autre demande veux voudrais souhaite arrive arriverai accepte "
    "debut reprise noter note lu vu compter comptez donne participer attendez merci "
    "desole dommage helas malheureusement bonne bonjour cordialement pouceleve "
    "poucebaisse certain "
    "absence presence excuse excuses pourrai pourra peux pouvons confirme ouvert ferme partante "
    "arret unsubscribe resubscribe subscribe start cancel reabonnement desabonnement status etat "
    "desinscription reinscription reprendre optout affirmatif oc vient viennent opt serai serons "
    "desinscrire desabonner recevoir peu regret decline refuse sera sure volontaire"
)
