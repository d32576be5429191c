"""What is answered to a message or a convocation: received, call me, present, absent, proxy. Pure.

How a line is read: `gateway.reply_parsing`.
"""

from __future__ import annotations

from typing import Final

ANSWERS: Final[dict[str, tuple[str, ...]]] = {
    "ack": (
        "c? est? bien? recu/lu/vu/note/compris/receptionne/enregistre/pris/noted @us?",
        (
            "c? est? bien recu/lu/vu/note/compris/receptionne/eu/pris/pris_note/entendu "
            "*@notice? *@town?"
        ),
        "recu/lu/vu/note/compris/eu/pris_note/pris_connaissance *@notice *@town?",
        "bien? recu/lu/vu/note *arrete/courrier/consigne/texte",
        "recu/lu/vu et compris/note/approuve/lu/vu/transmis/diffuse",
        "bien? recu fort_et_clair/a_l_instant/ce_jour/ce_matin/ce_soir/aujourd_hui/hier/ici",
        "bien recu ca/cela/tout", "recu pour @us", "bien? recu cinq_sur_cinq/cinqsurcinq/5_sur_5",
        "cinq_sur_cinq/cinqsurcinq/5_sur_5",
        (
            "@i? l? ai/avons/a bien? recu/lu/vu/note/compris/eu/pris_note/pris_connaissance/"
            "entendu *@notice? *@town?"
        ),
        "@i ai/avons/a bien? pris bonne? note/connaissance *@notice?",
        "@i? ai/avons/a bien? ete prevenu/informe/averti/alerte", "bien? pris_en_compte",
        "j? en prends bonne? note", "@i? en prends/prenons bonne? note", "je prends bonne? note",
        (
            "*@notice bien/est_bien/est/a_ete/bien_ete? recu/lu/vu/note/compris/receptionne/"
            "arrive/passe"
        ),
        "*@notice ok", "1", "un", "touche 1", "je? repond 1", "reponse/numero/choix 1",
        "je? appuie? tape? 1", "merci? c_est_bien? recu",
        "je? vous? confirme/confirmons *bonne? reception/lecture *@notice?", "*bonne reception",
        "je? vous? confirme avoir bien? recu/lu/vu/note/eu/compris/pris_connaissance *@notice?",
        "@i? accuse bonne? reception *@notice?", "accuse *reception *@notice?",
        "je? suis bien? informe/prevenu/averti/au_courant", "received", "message? well? received",
        "ok? got it", "understood", "noted", "roger", "copy that?", "read",
        "i? got the/your message", "reception ok", "ok? prevenu/informe/averti", "ok? je vois",
        "tres bien? recu/note/compris", "message/msg recu", "bien? recu *consignes/infos", "ar",
        "10 4",
    ),
    "ok": (
        "ok ok? ok?", "ok? @nice", "ok c? est? bon", "c_est_bon", "ok bien", "ok pas_de_probleme",
        "ok? c? est? clair", "ok pour *@notice", "entendu", "d_accord_ok",
    ),
    "callback": (
        "2", "deux", "touche 2", "je? repond 2", "reponse/numero/choix 2",
        (
            "?@ask? @canyou? @me? rappeler/appeler/telephoner/rappelle/appelle/recontacter "
            "@us? *@back? @call?"
        ),
        (
            "?@ask? @canyou? @me? rappeler/appeler/telephoner/rappelle/appelle @us? *@back? "
            "@call? quand_vous_pouvez/des_que_possible/quand_vous_voulez/"
            "quand_vous_aurez_le_temps/rapidement"
        ),
        "?@ask? @canyou? @me passer un_coup_de_fil/un_coup_de_telephone/un_appel @call?",
        "?@ask? @canyou? passer @us un_coup_de_fil/un_coup_de_telephone/un_appel @call?",
        (
            "?est_ce_que? quelqu_un/une_personne de? *@town? peux/pourrait il? @me rappeler/"
            "appeler/telephoner @call?"
        ),
        "?@ask? @canyou? qu @someone @me rappelle/appelle/telephone/rappel @call?",
        "?@ask etre rappele/appele/contacte/recontacte @call?",
        "?@want etre rappele/recontacte @call?", "?@canyou? call/phone/ring me/us back? @call?",
        "call me back?", "?merci? de? rappeler @call", "un? rappel @call?", "?rappel @us @call?",
    ),
    "present": (
        "present @asever?", "present @council", "present *@council @at? @day? @part?",
        "@i? serai/seront/sera/serons/suis bien? present @asever?",
        "@i? serai/sera/serons/suis bien? la @day @part?",
        "@i? serai/sera/serons bien? la? @at *@council",
        "@i? serai/sera/serons bien? la @at *@council",
        "@i? confirme/confirmons que je serai bien? present", "@i? @tell @i? serai present",
        "je? confirme *venue @at *@council", "compter/comptez sur *presence",
        "@i? confirme *participation @at *@council", "@i? serai des_votres",
        "present et ponctuel", "present @day? @part? &", "presence confirme",
        "*presence est confirme", "je? vous? te? confirme *presence",
        "et? vous? confirme *presence", "@i? participerai/participe bien? @at *@council",
        "@i? assisterai/assiste bien? @at *@council",
        "j ai bien l_intention d assister @at *@council", "i will/ll be present",
        "i_am/i_m present", "compter/comptez/noter/notez @us present",
        "je? viendrai/viens @at *@council", "je vous confirme que je serai present",
        "je? note? present",
    ),
    "absent": (
        "absent excuse?", "excuse absent?",
        "@i? serai/sera/serons/suis malheureusement? absent excuse?", "empeche",
        "je? suis? empeche", "*absence excuse", "impossible pour_moi? d etre present",
        "je suis dans_l_obligation d etre absent", "je vous prie de m excuser pour? *absence",
        "@i? @tell @i? serai absent/excuse", "je? suis excuse", "@ask noter *absence",
        "@i? dois/devrai m absenter @when?", "@i? ne? serai/suis pas disponible @at *@council",
        "@i? ne pourrai/peux malheureusement? pas? etre la @when?",
        "@i? ne? pourrai/peux malheureusement? pas etre la @when?",
        "@i? ne? pourrai/peux malheureusement? pas etre la @at *@council",
        (
            "@i? suis? dans_l_impossibilite/dans_l_incapacite d assister/de_participer/"
            "de_venir @at *@council"
        ),
        "indisponible @at *@council", "absent malheureusement", "@i? serai excuse",
        "@i? ne? serai/serons/sera/suis malheureusement? pas present",
        (
            "@i? ne pourrai/peux/pouvons/pourrons malheureusement? pas/point? etre present/"
            "parmi_vous/des_votres/avec_vous"
        ),
        (
            "@i? ne? pourrai/peux/pouvons/pourrons malheureusement? pas/point etre present/"
            "parmi_vous/des_votres/avec_vous"
        ),
        "@i? ne pourrai etre present/parmi_vous/des_votres", "pas present", "pas la @when",
        (
            "@i? ne serai/serons/pourrai/pourrons/peux pas/point? etre? des_votres/parmi_vous/"
            "avec_vous"
        ),
        (
            "@i? ne? serai/serons/pourrai/pourrons/peux pas/point etre? des_votres/parmi_vous/"
            "avec_vous"
        ),
        "je? m excuse pour/@at @day/ce_soir/demain", "je? m excuse pour *@council",
        "excuser/excusez @us pour @when", "@i? ne? serai/serons pas la? @at *@council",
        "@i? ne? serai pas la @at *@council",
        (
            "@i? ne pourrai/peux/pouvons/pourrons malheureusement? pas? assister/participer/"
            "venir/etre_present @at *@council"
        ),
        (
            "@i? ne? pourrai/peux/pouvons/pourrons malheureusement? pas assister/participer/"
            "venir/etre_present @at *@council"
        ),
        "@i? ne? participerai/assisterai/viendrai/participe/viens pas @at *@council",
        "impossible d/de assister/participer/venir @at *@council", "etre? pas la @at *@council",
        "@ask? m? excuser/excusez @us? @at? *@council @at? @day? @part?",
        "@ask? m excuser pour/lundi @day @part?", "@ask? excuser/excusez @us @at @day",
        "@ask? bien_vouloir? excuser *absence @at? *@council?",
        "je? vous? te? prie de? bien_vouloir? m_excuser/excuser_mon_absence @at? *@council?",
        "@ask m excuser", "@ask? me? noter/compter/notez/comptez @us? excuse/absent",
        "*absence est_a_excuser", "je? vous/te presente *excuses @at *@council",
        "@i? vous? prie? d excuser *absence", "i will/ll be absent", "i_am/i_m absent",
        "i will not be present", "je? ne pourrai etre present", "mes excuses @at *@council",
        "*absence confirmee", "je? vous? confirme *absence", "je? note? absent",
        "je? vous? informe/previens de? *absence", "excuser *absence",
    ),
    "proxy": (
        "@power a/pour/|/au_profit_de/en_faveur_de? NAME",
        "@i? @give *@power a NAME pour voter en_mon_nom/a_ma_place", "@ask noter *@power a NAME",
        "@i? @give ma_voix/mon_vote a NAME", "@power est/sera/va donne/confie/remis? a NAME",
        "@power donne/confie/remis a NAME", "@i? @give *@power a/pour/| NAME @when?",
        "@i? vous_informe_que? @i? @give *@power a NAME",
        "c est NAME qui a/aura *pouvoir/procuration", "@power au_maire",
        "NAME a/aura procuration", "NAME a/aura *mon pouvoir/procuration",
        "NAME a/aura *pouvoir/procuration pour_moi",
        "je charge NAME de voter en_mon_nom/pour_moi/a_ma_place",
        "NAME vote/votera pour_moi/a_ma_place/en_mon_nom",
        "je? delegue *vote/voix/pouvoir a NAME", "a NAME | je? @give *@power",
        "a NAME @i? @give *@power", "@i? @give a NAME *@power", "j ai donne *@power a NAME",
        "mon @power va/ira/revient a NAME", "NAME me represente/representera",
        "je serai represente par NAME", "je me fais representer par NAME",
        "je? @want donner *@power a NAME", "je vote par procuration NAME",
        "@ask donner *@power a NAME",
    ),
}  # fmt: skip

ANSWER_CLASSES: Final = {
    "tell": (
        "vous_informe_que vous_previens_que vous_signale_que vous_confirme_que confirme_que "
        "vous_fais_savoir_que te_confirme_que tiens_a_vous_informer_que"
    ),
    "power": (
        "pouvoir_de_vote procuration_de_vote pouvoir procuration procurations mon_pouvoir "
        "ma_procuration"
    ),
    "give": (
        "donne donner donnerai laisse laisser confie confier remets transmets ai_donne ai_confie "
        "ai_remis ai_laisse donne_donc delegue vais_donner etablis fais"
    ),
    "back": "fixe portable telephone numero maison",
    "call": (
        "% au_% a_% sur_% au_fixe sur_mon_fixe sur_le_fixe sur_mon_portable au_numero_% au_tel_% "
        "demain demain_matin ce_soir demain_soir cet_apres_midi dans_la_journee a_partir_de_& "
        "apres_& avant_& vers_& a_& rapidement plus_tard dans_la_soiree lundi mardi mercredi "
        "jeudi vendredi samedi le_matin l_apres_midi le_soir ce_matin au_plus_vite "
        "des_que_possible quand_vous_pouvez quand_vous_voulez quand_vous_aurez_le_temps back "
        "demain_au_% back_% today tomorrow"
    ),
    "someone": "on quelqu_un une_personne la_mairie",
    "asever": (
        "comme_toujours comme_d_habitude comme_prevu sans_faute mon_general bien_sur evidemment "
        "avec_plaisir"
    ),
}  # fmt: skip
