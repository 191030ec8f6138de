# Die Befehlszeile des Herstellers: zuerst ihre eigenen Fehler, dann, was sie sagt, wenn alles gut
# ist.

usage-invalid = { $reason }
    .action = „latchkey-server --help“ zeigt alle Befehle.
usage-key_value = „{ $text }“ hat nicht die Form SCHLÜSSEL=WERT.
    .action = Geben Sie einen Schlüssel, „=“ und einen Wert an, ohne Leerzeichen um das „=“.
usage-feature_type = „{ $text }“ ist keine Art von Funktion.
    .action = Geben Sie bool (enthalten oder nicht), pool (so viele zugleich) oder count (so viele insgesamt) an.
usage-time = „{ $text }“ ist kein verwendbarer Zeitpunkt.
    .action = Geben Sie einen Tag wie 2027-12-31 an, der bis zu seinem Ende in UTC zählt, einen Zeitpunkt wie 2027-12-31T12:00:00Z oder einen Zeitraum ab jetzt wie 1y; nicht später als { $latest }. Soll es kein Ende geben, lassen Sie die Option weg oder geben Sie „none“ an.
usage-url = „{ $text }“ ist als Adresse des Portals nicht verwendbar: { $fault ->
        [scheme] Sie beginnt nicht mit https:// oder http://
        [length] Sie ist länger als { $limit } Bytes, und mehr fassen die QR-Bilder nicht
        [character] Sie enthält ein Leerzeichen oder ein anderes Zeichen, das in Adressen nicht vorkommt
        [not_ascii] Sie enthält Buchstaben außerhalb von ASCII
        [user] Sie enthält einen Benutzernamen oder ein Passwort; das bekäme jeder Kunde
        [query] Sie enthält „?“ oder „#“, aber an die Adresse werden Links angehängt
        [host] Rechnername oder Port ist ungültig
        [path] Ihr Pfad enthält einen leeren Teil, „.“, „..“ oder ein einzelnes „%“
        [own_page] Ihr Pfad beginnt wie eine der Seiten des Portals
       *[other] Daraus lassen sich keine Links bilden
    }.
    .action = Geben Sie die ganze Adresse des Portals an, zum Beispiel https://lizenz.example.com oder https://example.com/lizenz. Einen Namen wie bücher.example schreiben Sie in der Form, die mit xn-- beginnt.
usage-count = „{ $text }“ ist keine Zahl.
    .action = Geben Sie eine ganze Zahl an, zum Beispiel 3.
usage-request_every = „{ $text }“ ist keine gültige Anzahl von Verlängerungen.
    .action = Geben Sie eine ganze Zahl ab 1 an, zum Beispiel 3; „none“ schaltet die Regel ab.
input-not_read = { $file } kann nicht gelesen werden: { $reason ->
        [missing] Die Datei gibt es nicht
        [permission] Der Zugriff ist nicht erlaubt
        [folder] Es ist ein Ordner
        [no_name] So kann keine Datei heißen
        [closed] Sie ist geschlossen
        [in_use] Ein anderes Programm benutzt die Datei gerade
       *[other] Das Betriebssystem hat es nicht zugelassen
    }.
    .action = { $reason ->
        [in_use] Schließen Sie das andere Programm und versuchen Sie es noch einmal.
       *[other] Nennen Sie eine Datei, die es gibt und die Sie lesen dürfen. Der Text mit den Token kann auch in der Standardeingabe stehen.
    }
input-too_large = Die Eingabe ist größer als { $limit } Bytes, und mehr wird nicht gelesen.
    .action = Verteilen Sie sie auf mehrere Dateien und geben Sie eine nach der anderen ab.
server-standard-input = Die Standardeingabe
input-no_code = In der Standardeingabe stand kein Aktivierungscode.
    .action = Schreiben Sie den Code in eine Zeile.
input-passphrases_differ = Die beiden Eingaben der Passphrase sind verschieden.
    .action = Versuchen Sie es noch einmal. Nichts wurde geändert.
input-no_passphrase = In der ersten Zeile steht keine Passphrase.
    .action = Schreiben Sie die Passphrase in die erste Zeile der Datei, oder geben Sie sie in die Standardeingabe.
input-passphrase_not_given = Es wurde keine Passphrase angegeben.
    .action = Tippen Sie sie ein und drücken Sie die Eingabetaste, oder schreiben Sie sie in eine Datei und geben Sie diese an. Leer darf sie nicht sein.
input-passphrase_not_text = Die Passphrase ist kein Text in UTF-8 oder UTF-16.
    .action = Wählen Sie die Datei mit der Passphrase. Ist es diese, speichern Sie sie als UTF-8, damit sich die Passphrase auch anderswo eintippen lässt.
input-passphrase_signs = In der Passphrase steht ein Steuerzeichen, zum Beispiel das einer Pfeiltaste.
    .action = Geben Sie sie noch einmal ohne dieses Zeichen an. Nichts wurde geändert.
output-not_written = Die Ausgabe kann nicht auf die { $stream ->
        [error] Standardfehlerausgabe
       *[output] Standardausgabe
    } geschrieben werden: { $reason ->
        [closed] Sie ist geschlossen
        [full] Der Datenträger ist voll
       *[other] Das Betriebssystem hat es nicht zugelassen
    }.
    .action = Was getan wurde, bleibt erhalten. Geben Sie dieselben Token noch einmal ab, um dieselben Antworten zu bekommen. Was hinzugefügt wurde, steht in den Listen, etwa „latchkey-server entitlement list“: Fügen Sie es nicht noch einmal hinzu.
takeover-one_request = --take-over und --code gelten für eine einzige Anforderung, in diesem Text sind es { $count }.
    .action = Geben Sie nur die Anforderung ab, um die es geht.
kit-not_written = { $path } kann nicht geschrieben werden: { $reason ->
        [permission] Der Zugriff ist nicht erlaubt
        [read_only] Der Datenträger ist schreibgeschützt
        [full] Der Datenträger ist voll
        [exists] Eine Datei ist im Weg
        [in_use] Ein anderes Programm benutzt die Datei gerade
       *[other] Das Betriebssystem hat es nicht zugelassen
    }.
    .action = { $reason ->
        [in_use] Schließen Sie das andere Programm und versuchen Sie es noch einmal.
       *[other] Wählen Sie einen anderen Ordner, schaffen Sie Platz oder geben Sie die nötigen Zugriffsrechte.
    }
kit-config_differs = { $path } gibt es schon, aber mit anderem Inhalt.
    .action = Um Ihre Änderungen zu behalten, wählen Sie einen anderen Ordner und vergleichen Sie die beiden Dateien. Oder verschieben Sie die Datei und versuchen Sie es noch einmal.
package-section_missing = { $path } gibt es nicht. Ein Paket braucht diese Datei neben latchkey.toml.
    .action = Legen Sie die Datei an: docs/packaging.md enthält ein Beispiel.
package-section = package.toml enthält in Zeile { $line } einen Fehler. Der Parser meldet: „{ $reason }“
    .action = Berichtigen Sie die Zeile: docs/packaging.md beschreibt die Felder.
package-value = Im Kit ist „{ $found }“ kein gültiger Wert für „{ $field }“.
    .action = Berichtigen Sie den Wert: docs/packaging.md nennt die gültigen Werte jedes Feldes.
package-removal = Laut package.toml wird die Lizenz zurückgegeben, wenn das Paket entfernt wird. Die Lizenzen dieses Produkts gehören aber den einzelnen Benutzerkonten, und diese erreicht ein Paket für Linux nicht.
    .action = Entfernen Sie „on_removal“, oder erstellen Sie das Kit mit --scope machine.
package-not_read = { $path } kann nicht gelesen werden: { $reason ->
        [missing] Es gibt die Datei nicht
        [permission] Der Zugriff ist nicht erlaubt
        [folder] Das ist ein Ordner
        [in_use] Ein anderes Programm benutzt die Datei gerade
       *[other] Das Betriebssystem hat es nicht zugelassen
    }.
    .action = { $reason ->
        [in_use] Schließen Sie das andere Programm und versuchen Sie es noch einmal.
       *[other] Prüfen Sie den Pfad und die Zugriffsrechte.
    }
package-too_large = { $file } ist zu groß.
    .action = Verwenden Sie eine kleinere Datei. Stammt sie aus einer Veröffentlichung, laden Sie sie noch einmal herunter.
package-picture = { $path } ist weder ein SVG- noch ein PNG-Bild.
    .action = Speichern Sie das Bild als SVG oder PNG.
package-icon_not_drawn = Das Symbol { $path } lässt sich nicht zeichnen: { $reason }
    .action = Öffnen Sie es in einem Grafikprogramm und speichern Sie es noch einmal, als einfaches SVG-Bild oder als PNG.
package-icon_element = Das Symbol { $path } enthält „{ $element }“, was hier nicht gezeichnet wird.
    .action = Wandeln Sie im Grafikprogramm Text in Pfade und Bilder in Formen um, oder speichern Sie das Symbol als PNG.
package-icon_size = Das Symbol { $path } hat { $width } mal { $height } Pixel.
    .action = Speichern Sie es mit 256 bis 2048 Pixeln auf der längeren Seite oder als SVG. Mit 1024 Pixeln wird nichts vergrößert.
package-resources = Version und Symbol von { $program } lassen sich nicht ersetzen: { $reason }
    .action = Holen Sie die Archive der Veröffentlichung noch einmal. Es wurde nichts geschrieben.
package-no_archive = In { $path } liegt kein Archiv einer Veröffentlichung.
    .action = Legen Sie die Archive einer Veröffentlichung dort ab, etwa latchkey-1.0.0-linux-x86_64.tar.gz, zusammen mit SHA256SUMS.
package-not_listed = { $file } steht nicht in der Datei SHA256SUMS daneben, oder diese fehlt.
    .action = Laden Sie SHA256SUMS und die Archive derselben Veröffentlichung noch einmal herunter.
package-altered = { $file } ist nicht die Datei, die in SHA256SUMS steht. Sie wurde beschädigt oder verändert.
    .action = Laden Sie die Datei noch einmal herunter, und verwenden Sie die vorhandene nicht.
package-signature = SHA256SUMS ist nicht mit dem angegebenen Schlüssel signiert: SHA256SUMS.minisig fehlt, oder es ist die Signatur eines anderen Schlüssels oder einer anderen Datei.
    .action = Laden Sie beide Dateien noch einmal herunter, und holen Sie den Schlüssel aus einer anderen Quelle. Verwenden Sie diese Archive nicht.
package-release_key = Das ist kein öffentlicher minisign-Schlüssel.
    .action = Verwenden Sie die Datei mit der Endung .pub, die der Herausgeber veröffentlicht.
package-archive = { $file } kann nicht verwendet werden: { $reason ->
        [too_large] Die Datei ist größer als jedes veröffentlichte Archiv
        [foreign] „{ $found }“ gehört nicht hinein
        [line] Zeile { $found } besteht nicht aus einer Prüfsumme und einem Namen
       *[damaged] Die Datei ist beschädigt oder unvollständig
    }.
    .action = Laden Sie die Datei noch einmal herunter, und verwenden Sie die vorhandene nicht.
package-incomplete = In { $file } fehlt { $lacks }.
    .action = Verwenden Sie ein Archiv, das den Assistenten, die Kommandozeile und die Lizenztexte enthält.
package-no_wizard = In { $file } fehlt der Assistent. Deshalb gibt es für diese Plattform kein Paket.
    .action = Verwenden Sie ein Archiv mit dem Assistenten, oder verzichten Sie auf diese Plattform.
package-unsigned = Woher die Archive stammen, wurde nicht geprüft: SHA256SUMS zeigt nur, dass sie zueinander passen.
    .action = Geben Sie mit --release-key den öffentlichen Schlüssel des Herausgebers an, und holen Sie ihn aus einer anderen Quelle als die Archive.
package-no_makensis = Das Installationsprogramm für Windows wird mit makensis erstellt. Dieses Programm wurde nicht gefunden.
    .action = Installieren Sie NSIS 3 (Debian: apt-get install nsis), sodass makensis über PATH gefunden wird. Oder lassen Sie mit --no-installer nur die übrigen Pakete erstellen. Es wurde nichts geschrieben.
package-installer = makensis kann das Installationsprogramm für Windows nicht erstellen. Es meldet: „{ $reason }“
    .action = Prüfen Sie, ob makensis aus NSIS 3 stammt und ob Platz für temporäre Dateien ist. Oder lassen Sie mit --no-installer nur die übrigen Pakete erstellen. Es wurde nichts geschrieben.
package-webview2 = { $path } ist weder ein Installationsprogramm von WebView2 noch der Ordner einer festen Version davon.
    .action = Geben Sie den Standalone-Installer von Microsoft an (.exe) oder den entpackten Ordner, in dem msedgewebview2.exe liegt.
package-no_osslsigncode = Die Programme für Windows werden mit osslsigncode signiert. Dieses Programm wurde nicht gefunden.
    .action = Installieren Sie es (Debian: apt-get install osslsigncode), sodass es über PATH gefunden wird. Oder geben Sie kein Zertifikat an. Es wurde nichts geschrieben.
package-not_signed = osslsigncode kann { $file } nicht signieren. Es meldet: „{ $reason }“
    .action = Prüfen Sie das Zertifikat (eine .p12- oder .pfx-Datei mit dem Schlüssel), die Datei mit der Passphrase und den Zeitstempeldienst. Es wurde nichts geschrieben.
package-no_certificate = Es gibt eine Passphrase, aber kein Zertifikat dazu.
    .action = Geben Sie das Zertifikat mit --certificate oder in package.toml an.
package-untranslated = In package.toml fehlt „{ $field }“ in der Sprache „{ $language }“, in der das Produkt angeboten wird. Verwendet wird der englische Text.
    .action = Ergänzen Sie den Text, oder entfernen Sie die Sprache in latchkey.toml aus „languages“.
package-never_run = Die Programme in { $file } wurden übersetzt und gebunden, aber noch nie gestartet.
    .action = Probieren Sie sie auf einem solchen Computer aus, bevor Sie sie an Kunden weitergeben.
package-several = { $first } und { $second } sind für dieselbe Plattform bestimmt.
    .action = Lassen Sie nur die Archive einer einzigen Veröffentlichung dort, und verschieben Sie die anderen.
package-wrong_architecture = { $program } in { $file } wurde für eine andere Plattform gebaut.
    .action = Laden Sie das Archiv noch einmal herunter, und verwenden Sie das vorhandene nicht.
package-exists = { $path } gibt es schon.
    .action = Wählen Sie einen anderen Ordner, verschieben Sie die Datei, oder erhöhen Sie die Version in package.toml.
package-not_written = { $path } kann nicht geschrieben werden: { $reason ->
        [permission] Der Zugriff ist nicht erlaubt
        [read_only] Der Datenträger ist schreibgeschützt
        [full] Der Datenträger ist voll
        [exists] Eine Datei ist im Weg
        [in_use] Ein anderes Programm benutzt die Datei gerade
       *[other] Das Betriebssystem hat es nicht zugelassen
    }.
    .action = { $reason ->
        [in_use] Schließen Sie das andere Programm und versuchen Sie es noch einmal. Es wurde nichts geschrieben.
       *[other] Wählen Sie einen anderen Ordner, schaffen Sie Platz oder geben Sie die nötigen Zugriffsrechte. Es wurde nichts geschrieben.
    }
system-clock = Die Uhr dieses Computers zeigt eine Zeit, die nicht verwendbar ist.
    .action = Stellen Sie die Uhr.
system-interrupted = Die Arbeit wurde unterbrochen.
    .action = Geben Sie dieselben Token noch einmal ab: Was gewährt wurde, bleibt erhalten.
serve-not_listening = Die Adresse { $address } kann nicht verwendet werden: { $reason ->
        [in_use] Ein anderes Programm verwendet sie schon
        [permission] Der Zugriff ist nicht erlaubt
        [not_here] Dieser Computer hat die Adresse nicht
        [empty] Sie ist leer
        [link] Es ist ein Link und keine Adresse
        [port] Der Port muss eine Zahl von 0 bis 65535 sein
        [unknown] Es ist weder eine Adresse dieses Computers noch ein Name, den er auflösen kann
       *[other] Das Betriebssystem hat es nicht zugelassen
    }.
    .action = Wählen Sie mit --listen eine andere: eine Adresse mit Port wie 127.0.0.1:8080, [::1]:8080 oder localhost:8080, oder nur einen Port.
look-invalid = { $path } ist nicht verwendbar: { $field ->
        [toml] Es ist kein TOML in UTF-8
        [size] Es ist zu groß
        [accent] „look.accent“ muss aus # und sechs Hexadezimalziffern bestehen
        [logo] „look.logo“ muss der Name einer SVG- oder PNG-Datei daneben sein
        [languages] „look.languages“ muss eine Liste von Sprachen sein
       *[other] „{ $field }“ muss ein nicht leerer Text sein
    }.
    .action = Berichtigen Sie die Datei, oder lassen Sie --look weg.
activation_code-weak = Der Aktivierungscode { $code } hat { $symbols ->
        [one] nur ein Zeichen
       *[other] nur { $symbols } Zeichen
    }. Kurze Codes lassen sich erraten.
    .action = Lassen Sie --code weg, um einen erzeugen zu lassen, oder wählen Sie einen längeren.
entitlement-past_end = Das Ende des Abonnements, { $end }, liegt in der Vergangenheit. Aus dieser Berechtigung wird nichts gewährt.
    .action = Meinten Sie einen anderen Tag, setzen Sie ihn: „latchkey-server entitlement set“.

server-ask-code = Aktivierungscode:
server-ask-passphrase = Passphrase (wird nicht angezeigt):
server-ask-passphrase-again = Noch einmal:
server-paste = Fügen Sie den Text mit den Token ein und drücken Sie dann in einer eigenen Zeile { $system ->
        [windows] Strg-Z und die Eingabetaste
       *[other] Strg-D
    }.
server-cut-line = Eine Zeile des Textes hat genau { $characters } Zeichen. Dort schneidet ein Terminal eine lange Zeile ab, die eingefügt wird. Kopieren Sie den Text noch einmal und fügen Sie ihn ein, sobald „latchkey-server“ danach fragt, oder speichern Sie ihn mit einem Editor als Datei.
server-token-number = Token { $number }:
server-token-number-named = Token { $number }, „{ $name }“:
server-token-summary = { $done } erledigt, { $refused } abgelehnt.
server-sentence = { $sentence }
server-warning = Warnung: { $message } { $action }
server-error-next = → { $action }

server-init = Der Hersteller „{ $name }“ ist in { $folder } eingerichtet.
    Kennung              { $id }
    Aktiver Schlüssel    { $active }
    Reserveschlüssel     { $spare }
server-init-next = Bewahren Sie eine Sicherung dieses Ordners auf: „latchkey-server backup“ erstellt sie. Den Reserveschlüssel, { $file }, verschieben Sie am besten auf einen Datenträger, den Sie wegschließen: Er wird nur gebraucht, wenn der aktive Schlüssel verloren geht oder gestohlen wird. Um die Sicherung zurückzuspielen, beenden Sie zuerst das Portal, verschieben Sie den alten Ordner und verwenden Sie „latchkey-server restore --from“. Überschreiben Sie ihn nicht: Ein älterer Stand in derselben Datei wird nicht bemerkt, und seine Token tragen dann vielleicht Nummern, die schon vergeben sind.
server-product-added = Produkt { $product }, „{ $name }“, wurde angelegt.
server-entitlement-added = Berechtigung { $entitlement } wurde für Produkt { $product } angelegt.
server-entitlement-changed = Berechtigung { $entitlement } wurde geändert.
server-entitlement-ended = Berechtigung { $entitlement } ist beendet. Gewährte Laufzeiten enden von selbst; keine wird verlängert.
server-code = Aktivierungscode: { $code }
server-code-disabled = Der Aktivierungscode { $code } kann nicht mehr für neue Aktivierungen verwendet werden.
server-kit = Das Kit von „{ $product }“ liegt in { $folder }:
server-packages = Die Pakete von „{ $product }“ liegen in { $folder }:
server-documents = Die Vervollständigungen und Handbuchseiten liegen in { $folder }.
server-granted = Platz { $seat }, „{ $name }“: gewährt bis { $expiry }.
server-granted-clock = { $how ->
    [over] Die Uhr des Computers zeigte { $time }, als die Anforderung erstellt wurde. Nach dieser Uhr ist die Laufzeit schon zu Ende. Der Computer nimmt die Antwort deshalb erst an, wenn seine Uhr richtig geht. Eine neue Anforderung ist nicht nötig.
    [ahead] Die Uhr des Computers zeigte { $time }, als die Anforderung erstellt wurde. Das liegt in der Zukunft. Wird die Uhr nicht richtig gestellt, endet die Laufzeit dort zu früh.
   *[behind] Die Uhr des Computers zeigte { $time }, als die Anforderung erstellt wurde. Ist die Anforderung nicht so alt, geht die Uhr falsch und muss dort richtig gestellt werden.
}
server-granted-clock-first = Stellen Sie zuerst die Uhr von „{ $name }“ richtig.
server-granted-expired = Die Laufzeit in dieser Antwort endete am { $expiry }, deshalb nimmt der Computer die Antwort nicht an. Erstellen Sie dort eine neue Anforderung, und zwar über „Mit Anforderung verlängern“, wenn seine Lizenz noch läuft.
server-granted-again = Platz { $seat }, „{ $name }“: Diese Anforderung wurde schon beantwortet, hier ist dieselbe Antwort.
server-granted-reused = Platz { $seat }, „{ $name }“: gewährt bis { $expiry }. Er gehörte bisher zu „{ $old }“; die Laufzeit dort war abgelaufen.
server-granted-taken_over = Platz { $seat }, „{ $name }“: gewährt bis { $expiry }. Er wurde von Platz { $old } übernommen; dieser kann nicht mehr verlängert werden.
server-refreshed = Platz { $seat }, „{ $name }“: verlängert bis { $expiry }.
server-deactivated = Platz { $seat }, „{ $name }“: deaktiviert. Er ist jetzt frei.
server-refused-seat = Platz { $seat } wird nicht verlängert:
server-refreshed-last = Die Verlängerung nach dieser braucht eine Anforderung vom Computer selbst.
server-deactivated-taken = Platz { $seat }, „{ $name }“: deaktiviert. Er wurde zu oft vorzeitig zurückgegeben, um sofort frei zu sein: Er gilt bis { $until } als belegt.
server-deactivated-again = Platz { $seat }, „{ $name }“: war schon deaktiviert. Es hat sich nichts geändert.
server-deactivated-noted = Platz { $seat }, „{ $name }“: wird inzwischen von einem anderen Computer benutzt, deshalb hat sich nichts geändert. Das Token wurde vermerkt.
server-released = Platz { $seat }, „{ $name }“: freigegeben. Seine Laufzeit kann noch andauern, deshalb gilt er bis { $until } als belegt. Mit --now ist er sofort frei.
server-released-now = Platz { $seat }, „{ $name }“: freigegeben. Er ist jetzt frei.
server-inspect-whole = Ein vollständiges { $kind ->
    [request] Anforderungstoken
    [response] Antworttoken
    [refresh] Verlängerungstoken
   *[deactivation] Deaktivierungstoken
} für den Schlüssel { $recipient }.
server-inspect-repaired = Ein { $kind ->
    [request] Anforderungstoken
    [response] Antworttoken
    [refresh] Verlängerungstoken
   *[deactivation] Deaktivierungstoken
} für den Schlüssel { $recipient }, in dem { $repaired ->
    [one] ein falsches Zeichen repariert wurde
   *[other] { $repaired } falsche Zeichen repariert wurden
}.
server-inspect-request = Anforderung { $request } für { $product }, Platzname „{ $name }“, erstellt am { $created }.
server-inspect-deactivation = Deaktivierung des Platzes { $seat }, „{ $name }“, erstellt am { $created }.
server-inspect-ours = Es stammt von diesem Hersteller; nur der Computer, für den es ist, kann es lesen.
server-repaired = { $repaired ->
    [one] Ein falsches Zeichen wurde
   *[other] { $repaired } falsche Zeichen wurden
} in diesem Token repariert.
server-listening = Das Lizenzportal ist unter { $address } erreichbar.
server-key-here = hier
server-key-elsewhere = nicht auf diesem Computer
server-role-active = aktiv
server-role-spare = Reserve
server-role-old = alt
server-column-key = Schlüssel
server-column-role = Rolle
server-column-place = Ort
server-column-second-factor = Zweiter Faktor
server-audit-counted = { $count }-mal in der Stunde ab diesem Zeitpunkt
server-column-since = Seit
server-yes = ja
server-no = nein
server-rotated = Die Schlüssel wurden gewechselt.
    Aktiver Schlüssel    { $active } (bisher die Reserve)
    Reserveschlüssel     { $spare } (neu)
    Alter Schlüssel      { $old } (öffnet, was noch unterwegs ist, und signiert nichts mehr)
server-rotated-again = Die Schlüssel wurden nicht gewechselt: Sie wurden vor weniger als einer Stunde gewechselt, und die neue Reserve kann noch kein Produkt kennen. Für einen weiteren Wechsel warten Sie, bis die Stunde um ist.
server-rotated-before = Nach dem vorigen Wechsel sind das die Schlüssel:
    Aktiver Schlüssel    { $active } (bis dahin die Reserve)
    Reserveschlüssel     { $spare } (neu)
    Alter Schlüssel      { $old } (öffnet, was noch unterwegs ist, und signiert nichts mehr)
server-rotated-next = Ausgelieferte Produkte kennen den aktiven Schlüssel schon. Die neue Reserve kennen sie nicht. Deshalb vor dem nächsten Wechsel: Schreiben Sie mit „latchkey-server kit“ für jedes Produkt ein neues Kit, bauen Sie die Produkte damit und sorgen Sie dafür, dass die Kunden sie haben. Wurde der alte Schlüssel gestohlen, tun Sie das sofort: Bis dahin kann jeder, der ihn hat, Laufzeiten gewähren. Machen Sie eine neue Sicherung, und schließen Sie den neuen Reserveschlüssel weg.
server-sealed = { $count ->
    [one] Ein Schlüssel wurde
   *[other] { $count } Schlüssel wurden
} mit der neuen Passphrase versiegelt. Ohne sie kann nichts gewährt werden: Bewahren Sie sie dort auf, wo Sie sie wiederfinden.
server-sealed-elsewhere = { $count ->
    [one] Ein Schlüssel liegt nicht auf diesem Rechner und behält seine
   *[other] { $count } Schlüssel liegen nicht auf diesem Rechner und behalten ihre
} bisherige Passphrase: Bewahren Sie auch diese auf. Um einen solchen Schlüssel hier zu verwenden, versiegeln Sie alle Schlüssel mit seiner Passphrase.
server-backed-up = Die Sicherung liegt in { $folder }. Sind die Schlüssel nicht versiegelt, kann jeder, der diese Sicherung hat, Lizenzen gewähren: Schützen Sie sie wie den Datenordner.
server-restored = Die Sicherung ist in { $folder } zurückgespielt. Was von jetzt an gewährt wird, trägt Nummern, die es noch nie gab. Was nach der Sicherung gewährt wurde, ist hier nicht bekannt: Diese Plätze können mit ihren Codes neu aktiviert werden.
server-operator-added = „{ $name }“ kann sich jetzt in der Verwaltung anmelden.
server-operator-passphrase = „{ $name }“ hat eine neue Passphrase.
server-operator-second-factor = „{ $name }“ wird jetzt nach einer Zahl aus einer App gefragt. Geben Sie diese Adresse in die App ein; sie wird nur dieses eine Mal gezeigt:
server-operator-second-factor-off = „{ $name }“ wird nicht mehr nach einer Zahl gefragt.
server-operator-removed = „{ $name }“ kann sich nicht mehr anmelden.
server-notice-dismissed = Die Meldung zum Platz { $seat } wurde geschlossen.
server-notice-returns = Berechtigung { $entitlement } ({ $product }, { $customer }): Innerhalb von 365 Tagen wurden Plätze { $returns }-mal vorzeitig zurückgegeben; sie hat { $seats ->
        [one] einen Platz
       *[other] { $seats } Plätze
    }. Vielleicht dient ein Platz mehreren Computern. „latchkey-server notice dismiss --entitlement { $entitlement }“ schließt diese Meldung.
server-notice-returns-dismissed = Die Meldung zu vorzeitigen Rückgaben der Berechtigung { $entitlement } ist bis zur nächsten vorzeitigen Rückgabe geschlossen.
server-policy = Nach den ersten { $limit } vorzeitigen Rückgaben innerhalb von 365 Tagen ist ein Platz sofort frei. Nach jeder weiteren gilt er bis zum Ende von Laufzeit und Nachfrist als belegt.
server-clock-right = Die Uhr dieses Rechners zeigt { $now }; das stimmt mit den bekannten Zeiten überein.
server-clock-undecided = Die Uhr dieses Rechners zeigt { $now }. Ein so langer Zeitraum ist ungeklärt, dass Anforderungen damit verglichen werden: Passt ihre eigene Zeit nicht dazu, können sie abgelehnt werden. Geht die Uhr richtig, bestätigen Sie das mit „latchkey-server clock confirm“.
server-clock-compared = Der neueste Eintrag ist vom { $newest }. Seitdem ist der Rechner, soweit bekannt, { $hours ->
        [one] eine Stunde
       *[other] { $hours } Stunden
    } gelaufen{ $boot ->
        [same] , ohne Neustart
       *[other] { "" }
    }; { $days ->
        [one] ein Tag ist
       *[other] { $days } Tage sind
    } nicht erklärt.
server-clock-confirmed = Die Uhr gilt als richtig: { $now }.
server-nothing = Es gibt nichts anzuzeigen.

server-state-active = aktiv
server-state-lease_expired = abgelaufen
server-state-deactivated = deaktiviert
server-state-reused = neu vergeben
server-state-released = freigegeben
server-state-ended = beendet
server-state-live = gültig

server-column-seat = Platz
server-column-name = Name
server-column-state = Zustand
server-column-activated = Aktiviert
server-column-expiry = Ende der Laufzeit
server-column-entitlement = Berechtigung
server-column-product = Produkt
server-column-number = Nummer
server-column-features = Funktionen
server-column-customer = Kunde
server-column-seats = Plätze
server-column-lease = Offline-Laufzeit
server-column-end = Abo-Ende
server-column-grace = Nachfrist
server-column-request-every = Anforderung bei jeder n-ten Verlängerung
server-column-codes = Aktivierungscodes
server-column-time = Zeit
server-column-event = Ereignis
server-column-code = Code
server-column-device = Gerät
server-column-error = Abgelehnt
server-column-detail = Einzelheit
server-none = –
server-code-is-disabled = { $code } (gesperrt)
server-seats-in-use = { $used } von { $seats }
server-seats-in-use-overdraft = { $used } von { $seats } + { $overdraft }
server-in-file = In der Datei { $file }:
