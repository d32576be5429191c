"""How a person's name is told from other words, capitals or not. Pure."""

from __future__ import annotations

from typing import Final

FIRST_NAMES: Final = (
    "adele adrien agnes aime alain albert alexandre alexis alice aline amelie ana andre andree "
    "angele anne annick annie antoine antoinette arlette armand arnaud arthur aude audrey auguste "
    "aurelie axel baptiste bastien beatrice benedicte benjamin benoit bernadette bernard bertrand "
    "brigitte bruno camille carine carole caroline catherine cecile celine chantal charles "
    "charlotte chloe christelle christian christiane christine christophe claire claude claudine "
    "clemence clement colette corinne damien daniel daniele danielle david deborah delphine denis "
    "denise didier dominique edith edouard elena eliane elisabeth elise emile emilie emma emmanuel "
    "emmanuelle eric estelle etienne eugene eva evelyne fabien fabienne fabrice fanny fatima "
    "fernand florence florian franck francis francois francoise frederic gabriel gaelle gaston "
    "genevieve georges gerard germaine gilbert gilles ginette gisele guillaume gustave guy helene "
    "henri henriette herve hubert hugo huguette ines irene isabelle jacqueline jacques jean jeanne "
    "jeannine jeremy jerome joel joelle john jordan josette joseph josiane julie julien juliette "
    "justine karim karine kevin lea leo leon leonie liliane linda lionel lise louis louise luc "
    "lucas lucie lucien lucienne lydia lydie madeleine magali manon marc marcel marcelle margaret "
    "marguerite maria marie marina marine marion marius martial martin martine mathieu mathilde "
    "maurice max maxime melanie michel michele micheline michelle mireille mohamed monique morgane "
    "muriel myriam nadia nadine nathalie nathan nicolas nicole noel noelle noemie odette odile "
    "olivier pascal pascale patrice patricia patrick paul paule paulette pauline philippe pierre "
    "pierrette quentin rachel raoul raphael raymond raymonde regine regis remi renaud rene renee "
    "richard robert roger roland romain rosa rose roselyne sabine sabrina sacha samuel sandra "
    "sandrine sarah sebastien serge severine simon simone solange sonia sophie stephane stephanie "
    "suzanne sylvain sylvie theo therese thibault thierry thomas tom valentin valerie vanessa "
    "veronique victor victoria vincent virginie viviane xavier yann yannick yolande yves yvette "
    "yvonne zoe"
)
TITLES: Final = "monsieur madame mademoiselle m m. dr docteur vve veuve famille fam maitre"
#: Words of phrases that are surnames, too.
SURNAMES: Final = "tour petit grand bon marche roi page chambre"
#: May stand inside a name.
PARTICLES: Final = "le la de du d des l el ben van von di y da saint"
#: Ordinary words that no phrase uses and that name nobody.
COMMON: Final = (
    "achat vote election elections papier papiers formulaire bureau gendarmerie tribunal police "
    "quelqu_un personne voiture maison rue route place fete bal repas ecole fille chat chien jour "
    "semaine mois annee heure temps age chose truc gens ville pharmacie docteur_ hopital samedis "
    "tard tot avant apres pendant depuis jusqu trop moins presque environ aussi encore toujours "
    "jamais souvent parfois lui elle eux leur leurs ils elles tu toi il y en dans sous par avec "
    "chez vers entre contre es ete etait avait avons avez ont fait faire dire dit aller va vais "
    "vont voir vu venu sait savoir croire pense faut rien personne quelque autre meme juste deja "
    "hier matin midi juin juillet aout mars avril mai janvier fevrier septembre octobre novembre "
    "decembre pizza pain lait facture impot courrier lettre photo question reponse nouvelle "
    "velo train gare bus parking poubelle lumiere lampe arbre trottoir jardin terrain permis "
    "carte identite passeport acte naissance deces conjoint compte argent euros prix gratuit "
    "payant livre bibliotheque sport foot judo danse musique loto concert film match club "
    "personnes adultes adulte enfants places chaises tables bouteille vin eau gaz fibre internet "
    "google ca cela ceci celui celle qui quoi que qu quel quelle quand comment combien pourquoi "
    "ou si sauf mais donc or ni car et a au aux ce cet cette ces mon ma mes ton ta tes son sa ses "
    "notre nos votre vos je j tu il on nous vous ils me m te t se s ne n pas plus tout tous toute "
    "toutes bien mal peu beaucoup tres assez sans pour sur moi oui non absolument hein quoi bof "
    "grave serieux bizarre dommage surement certainement sans_doute bravo zut merde con connard "
    "imbecile voleur menteur honte scandale degage foutre paix mensonge menteurs voleurs nul nuls"
)
