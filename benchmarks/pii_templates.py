"""Templates of the labelled set ``pii_set``: notes as people who serve customers and patients write them, in fourteen languages."""

from __future__ import annotations

TUNING: dict[str, tuple[str, ...]] = {
    "en": (
        "Customer {name} called about order {order}, wants a refund of {price} to card {card}.",
        "Spoke to {given} on {date} at {time}; new e-mail is {email} and mobile {phone}.",
        "Mr {surname} moved to {address}. Invoice {order} resent.",
        "Patient {name}, born {dob}, MRN {mrn}, insurance ID {policy}, aged {age}.",
        "Please pay {price} to {iban}, reference {order}. Version {version} installed.",
        "Login from {ip}, device {mac}, IMEI {imei}, see {url}.",
        "Passport {passport}, driving licence {licence}, number plate {plate}, vehicle {vin}.",
        "{comma} asked for a copy of invoice {order}. National ID {national}, fax {fax}.",
        "The parcel {tracking} of {date} cost {price}, discount {percent} %. All good, Standard Plus.",
    ),
    "de": (
        "Kundin {name} rief wegen Bestellung {order} an, Rückruf unter Telefon {phone}.",
        "Herr {surname} ist umgezogen: {address}. Rechnung {order} vom {date} neu versandt.",
        "Patient {name}, geb. {dob}, Konto {iban}, Steuer-ID {national}.",
        "Bitte {price} Euro auf {iban} überweisen, Kennzeichen {plate}, Kundennummer {customer}.",
        "Lieferung {tracking} kam am {date} um {time} an, alles in Ordnung, Rabatt {percent} Prozent.",
        "Liebe {given}, die neue Adresse ist {email}, Fax {fax}. Karte {card}.",
    ),
    "fr": (
        "La cliente {name} a appelé au sujet de la commande {order}, tél. {phone}.",
        "M. {surname} habite maintenant {address}. Facture {order} du {date}.",
        "Patient {name}, né le {dob}, sécurité sociale {national}, e-mail {email}.",
        "Virement de {price} euros sur {iban}, carte {card}. Remise de {percent} %.",
    ),
    "es": (
        "La clienta {name} llamó por el pedido {order}, teléfono {phone}.",
        "El Sr. {surname} vive en {address}. Factura {order} del {date}.",
        "Paciente {name}, nacida {dob}, DNI {national}, correo {email}.",
        "Transferencia de {price} euros a {iban}, tarjeta {card}.",
    ),
    "it": (
        "La cliente {name} ha chiamato per l'ordine {order}, telefono {phone}.",
        "Il Sig. {surname} abita in {address}. Fattura {order} del {date}.",
        "Paziente {name}, nato {dob}, codice fiscale {national}, email {email}.",
        "Bonifico di {price} euro su {iban}, carta {card}.",
    ),
    "pt": (
        "A cliente {name} ligou sobre a encomenda {order}, telefone {phone}.",
        "O Sr. {surname} mora em {address}. Fatura {order} de {date}.",
        "Paciente {name}, nascido {dob}, CPF {national}, email {email}.",
    ),
    "nl": (
        "Klant {name} belde over bestelling {order}, telefoon {phone}.",
        "Dhr. {surname} woont nu op {address}. Factuur {order} van {date}.",
        "Patiënt {name}, geboren {dob}, BSN {national}, e-mail {email}.",
        "Overboeking van {price} euro naar {iban}, kaart {card}.",
    ),
    "pl": (
        "Klientka {name} dzwoniła w sprawie zamówienia {order}, telefon {phone}.",
        "Pan {surname} mieszka teraz {address}. Faktura {order} z {date}.",
        "Pacjent {name}, ur. {dob}, PESEL {national}, e-mail {email}, przelew na {iban}.",
    ),
    "sv": (
        "Kunden {name} ringde om order {order}, telefon {phone}.",
        "Herr {surname} bor nu på {address}. Faktura {order} från {date}.",
        "Patient {name}, född {dob}, personnummer {national}, e-post {email}, konto {iban}.",
    ),
    "fi": (
        "Asiakas {name} soitti tilauksesta {order}, puhelin {phone}.",
        "Herra {surname} asuu nyt osoitteessa {address}. Lasku {order} {date}.",
        "Potilas {name}, syntynyt {dob}, henkilötunnus {national}, sähköposti {email}, tili {iban}.",
    ),
    "tr": (
        "Müşteri {name} {order} numaralı sipariş için aradı, telefon {phone}.",
        "Bay {surname} artık {address} adresinde oturuyor. Fatura {order}, {date}.",
        "Hasta {name}, doğum tarihi {dob}, TC kimlik no {national}, e-posta {email}, hesap {iban}.",
    ),
    "uk": (
        "Клієнтка {name} телефонувала щодо замовлення {order}, тел. {phone}.",
        "Пан {surname} тепер живе: {address}. Рахунок {order} від {date}.",
        "Пацієнт {name}, дата народження {dob}, РНОКПП {national}, пошта {email}, рахунок {iban}.",
    ),
    "el": (
        "Η πελάτισσα {name} κάλεσε για την παραγγελία {order}, τηλέφωνο {phone}.",
        "Ο κ. {surname} μένει τώρα {address}. Τιμολόγιο {order} της {date}.",
        "Ασθενής {name}, ημερομηνία γέννησης {dob}, ΑΜΚΑ {national}, email {email}, λογαριασμός {iban}.",
    ),
    "ja": (
        "お客様の{name}さんから注文{order}について電話あり。電話番号 {phone}。",
        "{surname}様は{address}に引っ越しました。請求書{order}、{date}。",
        "患者{name}、生年月日{dob}、マイナンバー{national}、メール {email}。",
    ),
}
"""Looked at while the recognisers were written."""

REPORTED: dict[str, tuple[str, ...]] = {
    "en": (
        "{name} is unhappy: two charges of {price} on {card} for order {order}.",
        "Left a voicemail for {name} ({phone}), will try {email} tomorrow at {time}.",
        "Ms {surname} confirmed her new address, {address}, and gave {iban} for the refund.",
        "Discharged {date}. DOB {dob}. Medical record number {mrn}. Policy number {policy}. Follow-up with Dr. {surname}.",
        "Blocked {ip} after 5 attempts; handset IMEI {imei}; profile at {url}; session {uuid}.",
        "Account number {account}, member no. {customer}, passport no. {passport}, plate {plate}.",
        "Software {version} crashed at {time} on {date}, ticket {order}, {percent} % of the fleet, cost {price} USD.",
        "Hello {given}, your ID number {national} was verified. Fax the form to {fax}. VIN {vin}.",
        "Router {mac} replaced under warranty, serial number irrelevant; shipment {tracking} arrived.",
        "A {age}-year-old man was seen by {name}; driver's license {licence}.",
    ),
    "de": (
        "{name} hat die Ware {order} nicht bekommen und möchte {price} Euro zurück auf {iban}.",
        "Frau {surname} bittet um Anruf unter {phone}, E-Mail {email}.",
        "Neue Anschrift {address} seit {date}, Auftrag {order}.",
        "Versicherte {name}, geboren am {dob}, Steueridentifikationsnummer {national}, Karte {card}.",
        "Hallo {given}, die Rechnung {order} über {price} Euro ist bezahlt, Fax {fax}.",
        "Gerät {mac} meldet Version {version}, Adresse {ip}, {percent} Prozent Last um {time} Uhr.",
    ),
    "fr": (
        "{name} n'a pas reçu la commande {order} et demande {price} euros sur {iban}.",
        "Rappeler Mme {surname} au {phone} ou par {email}.",
        "Nouvelle adresse depuis le {date} : {address}.",
        "Assurée {name}, née le {dob}, numéro de sécurité sociale {national}, paiement par carte {card}.",
    ),
    "es": (
        "{name} no ha recibido el pedido {order} y pide {price} euros en {iban}.",
        "Llamar a la Sra. {surname} al teléfono {phone} o escribir a {email}.",
        "Nueva dirección desde {date}: {address}.",
        "Asegurado {name}, fecha de nacimiento {dob}, NIF {national}, pago con tarjeta {card}.",
    ),
    "it": (
        "{name} non ha ricevuto l'ordine {order} e chiede {price} euro su {iban}.",
        "Richiamare la Sig.ra {surname} al telefono {phone} o scrivere a {email}.",
        "Nuovo indirizzo dal {date}: {address}.",
        "Assicurato {name}, data di nascita {dob}, codice fiscale {national}, carta {card}.",
    ),
    "pt": (
        "{name} não recebeu a encomenda {order} e pede {price} reais.",
        "Ligar para a Sra. {surname} no telefone {phone} ou escrever para {email}.",
        "Novo endereço desde {date}: {address}.",
        "Segurado {name}, data de nascimento {dob}, CPF {national}, cartão {card}.",
    ),
    "nl": (
        "{name} heeft bestelling {order} niet ontvangen en wil {price} euro terug op {iban}.",
        "Mevr. {surname} terugbellen op mobiel {phone} of mailen naar {email}.",
        "Nieuw adres sinds {date}: {address}.",
        "Verzekerde {name}, geboortedatum {dob}, burgerservicenummer {national}, kaart {card}.",
    ),
    "pl": (
        "{name} nie otrzymała zamówienia {order} i prosi o {price} euro na {iban}.",
        "Proszę oddzwonić do: Pani {surname}, telefon {phone}, {email}.",
        "Nowy adres od {date}: {address}.",
        "Ubezpieczony {name}, data urodzenia {dob}, PESEL {national}, karta {card}.",
    ),
    "sv": (
        "{name} har inte fått order {order} och vill ha {price} euro till {iban}.",
        "Ring Fru {surname} på mobil {phone} eller skriv till {email}.",
        "Ny adress sedan {date}: {address}.",
        "Försäkrad {name}, födelsedatum {dob}, personnr {national}, kort {card}.",
    ),
    "fi": (
        "{name} ei ole saanut tilausta {order} ja haluaa {price} euroa tilille {iban}.",
        "Soita: Rouva {surname}, puhelin {phone}, {email}.",
        "Uusi osoite {date} alkaen: {address}.",
        "Vakuutettu {name}, syntymäaika {dob}, henkilötunnus {national}.",
    ),
    "tr": (
        "{name} {order} numaralı siparişi almadı ve {iban} hesabına {price} euro istiyor.",
        "Bayan {surname} geri aranacak, telefon {phone}, {email}.",
        "{date} tarihinden beri yeni adres: {address}.",
        "Sigortalı {name}, doğum tarihi {dob}, kimlik no {national}, kart {card}.",
    ),
    "uk": (
        "{name} не отримала замовлення {order} і просить {price} євро на {iban}.",
        "Передзвонити: Пані {surname}, тел. {phone}, {email}.",
        "Нова адреса з {date}: {address}.",
        "Застрахована {name}, дата народження {dob}, РНОКПП {national}, картка {card}.",
    ),
    "el": (
        "{name} δεν έλαβε την παραγγελία {order} και ζητά {price} ευρώ στο {iban}.",
        "Να καλέσουμε: Κα {surname}, τηλέφωνο {phone}, {email}.",
        "Νέα διεύθυνση από {date}: {address}.",
        "Ασφαλισμένος {name}, ημερομηνία γέννησης {dob}, ΑΜΚΑ {national}, κάρτα {card}.",
    ),
    "ja": (
        "{name}様は注文{order}を受け取っていません。返金 {price}円。",
        "{surname}様に電話 {phone} またはメール {email} で連絡。",
        "新住所({date}から): {address}。",
        "被保険者 {name}、生年月日{dob}、個人番号 {national}。",
    ),
}
"""Gives the figures."""
