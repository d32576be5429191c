"""What a town hall is answered, kind by kind, a line a way of saying it. Pure.

How a line is read: `gateway.reply_parsing`. The names of the kinds are those of
`gateway.replies.Kind`; the roles beside them are in `gateway.reply_roles`.
"""

from __future__ import annotations

from typing import Final

CORE: Final[dict[str, tuple[str, ...]]] = {
    "stop": (
        (
            "stop/arret/stoppez/unsubscribe/opt_out/optout/desabonnement/desinscription/"
            "resiliation/resilier tout/all/sms/pub/it? *@message? de? *@town? @us?"
        ),
        "stop/arret/stoppez/stopper a/aux/avec/pour/au/d_avec? *@message *@town?",
        "stop/arret THEME", "stop/arret pour @us", "stop PURPOSE", "*@message stop",
        "fin/halte @many", "halte aux_sms/aux_messages",
        "?@ask? @canyou? @cease @me? *@message de? *@town?",
        "?@ask? @canyou? @cease de/d/a/avec @me? @send/@receive? *@message? de? *@town?",
        "?@ask? @canyou? @cease de/d @me @send rien/cela/ca? *@message? de? *@town?",
        "?@ask? @canyou? @cease ca/cela/tout/tout_de_suite/immediatement",
        "?@ask? @canyou? @me? etre? @leave @us? *@list? *@list? *@message? *@town?",
        "je? @me @leave *@list? *@town?", "@ask @canyou? etre @leave/@remove *@list? *@town?",
        "?@ask? @canyou? @remove @us/me *@list? *@list? *@town?",
        "?@ask? @canyou? @me/etre @remove *@list? *@list? *@town?",
        "?@ask? @canyou? @remove *@number *@list? *@list? *@town?",
        (
            "je? demande *suppression/retrait/radiation/effacement/desinscription/"
            "desabonnement *@number? *@list? *@town?"
        ),
        "?@ask? @canyou? ne/n? plus @me? @send/@receive rien? *@message? de? *@town?",
        "?@ask @canyou? ne/n plus @me? @send/@receive rien? *@notice? de? *@town?",
        "?@ask? @canyou? ne/n? plus @me @send/@receive rien? *@message? de? *@town?",
        "?@ask @canyou? ne? plus etre/figurer/apparaitre @sent? *@list? *@message? *@town?",
        "@i? @ne? @want plus @ne? @me? @receive/@send? rien? *@message de? *@town?",
        "@i? @ne @want plus @ne? @me? @receive/@send? rien? *@notice? de? *@town?",
        (
            "@i? @ne? @want plus etre/figurer/apparaitre @sent? @sent? par? *@list? *@message? "
            "*@town?"
        ),
        "@i? @ne? @want plus rien/de_tout_ca/de_ca/entendre_parler_de_vous/de_vous",
        "*@message? @i? @ne? en? @want plus @ne? en? @receive? *@message? de? *@town?",
        "ne/n? @me @send plus rien? *@message? de? *@town?", "ne/n? @send plus *@message?",
        "plus rien",
        "?@ask? @canyou? laissez/fichez/laisse @us tranquille/en_paix avec? *@message?",
        "@i? en? ai/a marre/assez de? *@message", "unsubscribe me/us from? the/your? list?",
        "annule/annulation/fin *inscription/abonnement",
        "?@ask ne? plus etre @sent par *@message de? *@town?", "plus/aucun *@message *@town?",
        "stop a? tout",
        "stop/arret/desinscription immediat/immediatement/definitif/definitivement/tout_de_suite",
        "desinscription/desabonnement/retrait *@list",
        "?@ask? @canyou? supprimer/effacer *donnees *@list?", "je? me retire *@list *@town?",
        "@i? ne @want pas/rien/aucun @receive *@message? *@town?",
        "je m oppose a *@receive/reception *@notice", "j arrete *@message",
        "@i? refuse de? @receive? *@message", "refus *@message",
        "?@ask? desactiver @us? *@list? *@message?",
        "@i? ne? prefere ne? plus etre/figurer @sent? @sent? par? *@message?",
        "je? resilie *abonnement?", "fin/resiliation/arret *abonnement",
        "j_en_ai_marre *@message",
        (
            "?@canyou? stop/quit texting/sending/messaging/writing me/us/to_me? texts/"
            "messages? anymore?"
        ),
        "?can_you/could_you? take/remove me/us/my_number off/from the/your/this/my? list/lists?",
        "?can_you/could_you? take/remove me/us/my_number off/from? list/here?",
        (
            "don/do/no t/not/more text/send/message/texts/messages/sms me/us? texts/messages? "
            "anymore?"
        ),
        "i? want/wish to_stop/to_unsubscribe/no_more_messages",
        "stop texts/messages/text/message",
    ),
    "start": (
        (
            "debut/start/reprise/reprendre/reabonnement/reinscription/reactivation/unstop "
            "*@message? de? *@town?"
        ),
        "subscribe/resubscribe/resume me?", "start again", "re abonnement/inscription",
        "@canyou? put/add me/us back on/to the/your? list", "annule mon/le/ce stop", "fin *stop",
        "i? want/would_like/like to? receive/get the/your? alerts/messages/texts again",
        "?@ask? @canyou? @me/etre? @join @us? *@list? *@message? de? *@town?",
        "je? @me @join *@list? *@message? *@town?", "?@ask? @canyou? @join *@number",
        "?@ask? @canyou? @putback @us dans/sur? *@list? *@list? @many? @again? de? *@town?",
        "?@ask? @canyou? renvoyer/envoyer @us? @many/@notice @again",
        "?@ask? @canyou? @putback *@number sur/dans *@list *@town?",
        "?@canyou @me @putback @many?", "?@canyou @me @putback sur/dans *@list",
        "?@ask? @canyou? me les @putback", "?@ask? @canyou? @putback @many @again? de? *@town?",
        "?@ask @canyou? les retablir",
        "?@ask? @canyou? recommencer/reprendre/continuer a/de? @me? @send *@message?",
        "?@ask? @canyou? @me @send @again *@message *@town?", "je? @want @receive @again",
        "?@ask? @canyou? re recevoir *@notice *@town?",
        "?@ask? @canyou? @again recevoir *@notice *@town?",
        "?@ask? @canyou? recevoir @again *@notice *@town?",
        "?@ask? @canyou? recevoir *@notice *@town? @again",
        (
            "?@ask? @canyou? etre? @again inscrire/abonner/prevenu/averti/informe *@list? par? "
            "*@message?"
        ),
        "?@ask? @canyou? m? inscrire/inscrivez/abonner/abonnez @us? @again *@list? *@message?",
        "je? veux bien @again? recevoir @again *@notice *@town?",
        "je? veux bien @again recevoir *@notice *@town?",
    ),
    "yes": (
        "oui/yes/oc/affirmatif/volontiers/carrement @us?",
        "d_accord/d_ac/c_est_d_accord pour? @us?",
        "oui c_est? bon/ok/d_accord/parfait/possible/note_present? pour? @us?", "oui ok",
        "oui/ok/d_accord/c_est_oui/c_est_bon pour/pr @us/ce_soir/demain/@day", "que oui",
        "oui toujours", "@i suis/serai des_votres", "c_est ok", "ce_sera/ca_sera avec plaisir",
        "oui interesse", "@i suis interesse",
        "oui tous_les_deux/toutes_les_deux/les_deux/pour_tous_les_deux/pour_les_deux",
        "@i sera/serons 2/3/4/deux/trois/quatre", "mille/cent fois oui",
        "oui a_100/exact/exactement/bien_volontiers/toujours", "oui bien? sur",
        "bien_sur que? oui?", "bien_entendu", "bien_evidemment", "evidemment oui?", "mais_oui",
        "mais_bien_sur", "mais_avec_plaisir", "mais_volontiers", "mais_bien_sur_que_oui",
        "ok pour? @us", "c_est ok/bon pour @us", "c_est oui pour? @us?", "ce_sera/ca_sera oui",
        "pour_moi/pour_nous c_est? oui/ok/bon/d_accord", "je? repond oui",
        "ma/la reponse c? est oui", "je? vous? repond par *affirmative",
        "j? ai l_honneur de? vous? repondre? par l_affirmative", "entendu @us?", "tout_a_fait",
        "absolument", "certainement", "assurement", "avec joie",
        "avec grand/tres_grand/beaucoup_de/le_plus_grand? plaisir", "oui pour @us", "@us aussi",
        "grave oui?", "carrement oui", "si_si", "sans hesiter", "je? dis oui", "oui @title",
        (
            "@i? viens/vient/venons/viendrai/viendra/viendrons/arrive/arrivons/arriverai a_2/"
            "a_3/a_4/a_deux/a_trois/a_quatre/en_famille/tous_les_deux/avec_plaisir/bien_sur/"
            "sans_faute/volontiers/sans_probleme/demain/ce_soir/bien?"
        ),
        (
            "@i? serai/sera/serons la/present_pour_aider/de_la_partie/des_votres/"
            "au_rendez_vous sans_faute/bien_sur/avec_plaisir/comme_prevu?"
        ),
        "@i? y serai/sera/serons/vais/va/allons/suis sans_faute/avec_plaisir/bien_sur?",
        (
            "@i suis/serai/sommes bien? disponible/volontaire/partant/partante/libre/d_accord/"
            "ok/dispose pour_aider/pour_venir/pour_ce_soir/ce_soir/demain?"
        ),
        "disponible/volontaire/partant/partante pour? @us? ce_soir/demain?",
        "compter/comptez sur @us", "vous_pouvez compter sur @us", "@i veux bien",
        "@i peux venir/y_aller/aider/etre_la ce_soir/demain?",
        "@i accepte/accepter/accepterai avec_plaisir/volontiers/votre_invitation/l_invitation?",
        "@i confirme/confirmons *venue/participation/oui/accord", "l accepte",
        "je participe/participerai", "@i confirme/confirmons", "je? m en charge/occupe",
        "ca/cela @me va/convient/irait tres_bien/parfaitement?", "ca marche/roule",
        "ca marche pour @us", "yes_of_course/of_course", "sure count me/us in", "count me/us in",
        "we/i will/ll come/be_there", "i_can/we_can/yes_i_can", "i m/am coming",
        "we_re/we_are coming", "yes i/we will/can/ll come/be_there/do?", "i ll/will be there",
        "sure", "yes sure/sir/indeed",
    ),
    "no": (
        "non/no/negatif/nenni pas? pour? @us?", "non @not du_tout?", "que non",
        "bien_sur que_non", "no no?", "non non+",
        "non pas/c_est? possible/pour_moi/pour_nous/moi/du_tout/cette_fois/cette_annee",
        "je passe", "@i? ne? suis pas libre ce_soir_la/ce_jour_la/a_cette_date",
        "non pas/plus en_ce_moment/maintenant/pour_cette_fois/pour_l_instant", "non occupe",
        "non pas @when/libre/disponible/la/interesse/dispose", "mais_non merci", "surement pas",
        (
            "non jamais/surtout_pas/pas_question/sans_facon/vraiment_desole/trop_loin/"
            "trop_tard/impossible"
        ),
        "sans_facon", "pas_question", "sans @us", "ce/ca sera/sera_donc/serai sans @us",
        "sans @us @when", "c_est non pour? @us?", "ce_sera/ca_sera non",
        "pour_moi/pour_nous c_est? non", "je? repond non", "ma/la reponse c? est non",
        "je? vous? repond par la_negative", "par la_negative", "je? dis non",
        "pas cette_fois/cette_fois_ci/cette_annee/moi/pour_moi/pour_nous",
        "pas possible pour? @us? @when?",
        "c? est? impossible pour? @us? de? venir/y_aller/me_liberer? @when?", "impossible @when?",
        "ce/c? n? est? pas possible pour? @us? @when?",
        "pas/plus disponible/libre/dispose @when?",
        (
            "@i? ne? suis/serai/sommes/serons/sera/est pas/plus/point disponible/libre/la/"
            "chez_moi/chez_nous/volontaire/interesse/en_ville/sur_place/dispose/d_accord "
            "@when? pour? @us?"
        ),
        "@i n est/suis/serai/sera/serons pas la @when?", "@i n y serai/sera/serons/vais/suis pas",
        "@i y serai/vais/suis pas", "pas la @when?", "je? suis? indisponible @when?",
        "je serai indisponible @when?", "pas chez_moi/interesse",
        (
            "ca/cela/ce ne va/sera/vas/serait/me_sera/nous_sera malheureusement? pas? etre? "
            "possible pour? @us? @when?"
        ),
        (
            "ca/cela/ce ne? va/sera/vas/serait/me_sera/nous_sera malheureusement? pas etre? "
            "possible pour? @us? @when?"
        ),
        "ca/cela/ce ne? va/sera/vas/serait pas etre? possible pour? @us? @when?",
        (
            "il ne? @me? sera/est pas/impossible possible/de? de? venir/me_liberer/participer? "
            "@when?"
        ),
        "il ne? @me? sera/est pas possible de? venir/me_liberer/participer? @when?",
        (
            "@i? ne? peux/pourrai/pourra/pouvons/pourrons/viens/vient/viendrai/viendra/"
            "viendrons/venons/pourrais/participe/participerai/souhaite/veux/pourai "
            "malheureusement/vraiment/helas/donc? pas/plus/point venir/y_aller/aider/"
            "me_liberer/participer/me_deplacer/etre_la/cette_fois/du_tout/etre_disponible/"
            "nous_liberer/me_rendre_disponible? du_tout? @when?"
        ),
        "je? ne pourrai/peux venir/me_liberer/participer @when?", "je? ne pourrai @when?",
        "ne? comptez/compte/compter pas/plus sur @us @when?",
        "ne? m/nous attendez/attends pas @when?", "je? refuse/decline/passe_mon_tour",
        "je? suis? au_regret de? devoir? decliner votre_invitation/l_invitation?",
        "je? dois decliner", "je? dois malheureusement? decliner/refuser",
        "we/i can/cannot/can_not t? come/make_it",
        "we/i can/cannot/could/couldn t/not come/make_it/do_it?",
        "unfortunately no/not/i_can_t/we_can_t", "i/we won t come/be_there", "no sorry",
        "no thanks/thank_you", "not this_time/available", "no way",
    ),
    "cancel": (
        "?@ask? annule/annulation/cancel tout/it?", "?@ask? annuler *@message",
        "annule/cancel *@message", "?@ask annulation *@message?", "annuler *dernier @message",
        "je? demande *annulation *@message?",
    ),
    "status": ("l? etat/status", "*etat *@message?", "point/etat *situation", "ou_en_est_on"),
}  # fmt: skip
