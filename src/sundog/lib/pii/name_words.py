"""Words that are names and something else too, and capitalised words that are no names."""

from __future__ import annotations


def _read(text: str) -> frozenset[str]:
    return frozenset(text.split())


PARTICLES = _read("de da do dos das del della di van von der den ten ter la le du y e af zu el al bin")
"""Small words inside of surnames."""

AMBIGUOUS = _read("""
    will mark may rose grace faith hope joy art bill rich frank grant dawn june april august summer autumn melody hunter mason chase
    drew victor iris ivy olive ruby pearl amber crystal jade violet daisy lily heather penny sandy christian austin dallas paris
    london brooklyn georgia virginia carolina jordan chelsea florence sydney charlotte madison lincoln jackson israel angel destiny
    trinity serenity harmony genesis earl duke dean guy miles ray gene pat sue don rob nick max page ward wade lance cliff glen heath
    forest brook cash royal king prince major reed dale carol holly robin jay stern wolf roman jan pan mai jun sol paz luz pilar
    rosario consuelo dolores mercedes rocío ángeles reyes cruz mar blanca clara pia marina viola gioia vita luna stella gloria vera
    bruno rocco franco salvo domenica vittoria alba aurora perla celeste cloud savannah asia china india kenya america barış deniz
    umut güneş bahar nehir toprak yağmur savaş zafer sevgi надія віра любов слава mila tuuli lumi meri satu helmi kauno päivi onni
    toivo rauha taimi oiva ilta ambre jean pierre olivier florian martin martine constant prudence clément juste colombe
""")
"""Given names that are words of some language too: alone they are taken for a name only where other words speak for it."""

STOP = _read("""
    the a an and or but customer client patient caller agent order invoice ticket called calls call emailed wants asked asks spoke
    paid please refund account card phone email mail number date address street new old today yesterday monday tuesday wednesday
    thursday friday saturday sunday january february march april may june july august september october november december montag
    dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz mai juni juli oktober dezember kunde kundin rechnung
    bestellung auftrag lieferung konto karte anruf adresse neue neuer neues bitte telefon vertrag termin firma gmbh le la les un une
    cliente facture commande compte carte nouvelle nouveau el los las una factura pedido cuenta tarjeta dirección nueva nuevo il lo
    gli fattura ordine conto carta indirizzo nuovo nuova o os as um uma fatura encomenda conta cartão endereço de het een klant
    factuur bestelling rekening visa mastercard iban bic swift paypal amazon google microsoft apple facebook hipaa gdpr usa uk eu vat
    pin id ssn nhs nino dob imei vin ip mac url mrn bsn dni steuer-id sozialversicherungsnummer i he she they we you it is was has had
    his her their our my your this that in on at to for from with by of versand paket ware produkt lager filiale rabatt preis euro
    dollar premium basic standard plus account-nr kundennummer call-back order-nr re fw fwd met sent visited reached left confirmed
    returned reported requested changed moved needs prefers complains thanks thank dear hello hi regards liebe lieber sehr geehrte
    geehrter chère cher gentile caro cara querido querida estimado beste hallo bonjour hola ciao olá prezado herr frau mr mrs ms dr
    prof mme monsieur madame señor señora signor signora pan pani kein keine keinen keiner nein kontakt antwort rückruf gespräch
    erstattung mahnung angebot überweisung vollmacht sohn tochter ehemann ehefrau aucun aucune contact réponse demande livret seguro
    solicitud ningún ninguna contacto brak nowy nowa klient klientka rozmowa rachunek umowa wniosek karta adres
""")
"""Words that begin sentences or stand for roles and things, in several languages; in lower case."""

FEMALE = _read(
    "f female w weiblich frau fr. mrs mrs. ms ms. miss mme mme. mlle madame sra sra. señora pani sig.ra signora woman femme féminin mujer femenino donna femmina feminino mulher vrouw vrouwelijk k kobieta kvinna kvinde nainen kadın жінка ж γυναίκα 女 女性"
)
"""Values of a column of sexes, or of forms of address, that mean women."""

MALE = _read(
    "m male männlich mann herr hr. mr mr. m. monsieur sr sr. señor pan sig. signor man homme masculin hombre masculino uomo maschio homem mannelijk mężczyzna män mand mies erkek чоловік ч άνδρας 男 男性"
)
"""Values of a column of sexes, or of forms of address, that mean men."""
