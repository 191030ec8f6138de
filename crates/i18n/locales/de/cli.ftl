# `latchkey`: die Arbeit des Assistenten ohne Fenster. Zuerst, was auf der Befehlszeile selbst
# schiefgeht.

cli-usage = { $reason }
    .action = „{ $command_line } --help“ zeigt alle Befehle.
cli-not_confirmed = Das Deaktivieren entfernt die Lizenz sofort von diesem Computer.
    .action = Wenn Sie das wollen, fügen Sie --yes hinzu. Geben Sie dann das Deaktivierungstoken ab, das Sie bekommen: Erst das macht den Platz frei.
cli-code_not_confirmed = Es wurde keine Anforderung erstellt, weil Sie den Aktivierungscode nicht bestätigt haben.
    .action = Geben Sie den Code so an, wie Sie ihn bekommen haben. Ist er trotzdem richtig, fügen Sie --code-is-right hinzu.
cli-code_is_file = { $path } ist der Pfad einer Datei, kein Aktivierungscode.
    .action = Um den Code aus einer Datei zu lesen, geben Sie --code - an und die Datei in die Standardeingabe: „--code - < DATEI“. Ist es der Code, fügen Sie --code-is-right hinzu.
cli-input = { $path } kann nicht gelesen werden: { $reason ->
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
       *[other] Geben Sie eine Datei an, die es gibt und die Sie lesen dürfen, oder das Token selbst. Ohne beides wird die Standardeingabe gelesen.
    }
cli-standard-input = Die Standardeingabe
cli-no_code = In der Standardeingabe steht kein Aktivierungscode.
    .action = Geben Sie ihn mit --code an, oder schreiben Sie ihn in die Standardeingabe.
cli-picture_without_code = In diesem Bild ist kein QR-Code zu erkennen, und Buchstaben in einem Bild werden nicht gelesen.
    .action = Tippen Sie den Aktivierungscode ab, der im Bild steht: „--code CODE“.
cli-picture_no_code = In diesem Bild ist kein QR-Code zu erkennen.
    .action = Machen Sie das Bild aus größerer Nähe, gerade von vorn, scharf und ohne Spiegelungen.
cli-picture_unreadable = Dieses Bild ist beschädigt oder unvollständig.
    .action = Speichern Sie es noch einmal, als PNG oder JPEG.
cli-picture_too_large = Dieses Bild hat zu viele Bildpunkte, um durchsucht zu werden.
    .action = Schneiden Sie den Teil mit dem QR-Code aus, oder machen Sie ein kleineres Bild.
cli-picture_too_much_work = In diesem Bild nach einem QR-Code zu suchen ist zu aufwendig.
    .action = Schneiden Sie den Teil mit dem QR-Code aus, oder nehmen Sie nur ihn auf.
cli-picture_interrupted = Das Lesen des Bildes wurde unterbrochen.
    .action = Versuchen Sie es noch einmal. Kommt es wieder vor, geben Sie das Token als Text ab.
cli-output = Die Ausgabe konnte nicht auf die Standardausgabe geschrieben werden: { $reason ->
        [closed] Sie ist geschlossen
        [full] Der Datenträger ist voll
       *[other] { $reason }
    }.
    .action = Nichts ist verloren: Was erledigt wurde, ist gespeichert. Lassen Sie es sich mit „{ $command_line } request“, „status“ oder „outbox“ noch einmal anzeigen.
cli-clock = Die Uhr dieses Computers zeigt eine Zeit, die nicht verwendbar ist.
    .action = Stellen Sie die Uhr und versuchen Sie es noch einmal.
cli-rows_missing = { $count ->
        [one] { $count } Zeile fehlt noch.
       *[other] { $count } Zeilen fehlen noch.
    }
    .action = Was getippt wurde, steht in der Standardausgabe. Heben Sie es auf und übergeben Sie es „{ $command_line } type“ noch einmal, gefolgt vom Rest.

## Meldungen

cli-next = → { $action }
cli-file_helps = Die Lizenz kann auch in einer Datei aufbewahrt werden, die nur auf diesem Computer gilt: Geben Sie dazu „--store file“ bei der Anforderung und bei jedem weiteren Aufruf an.
cli-ask-code = Aktivierungscode:
cli-ask-anyway = Trotzdem verwenden? [j/N]
cli-paste = Fügen Sie das Token ein und drücken Sie dann { $system ->
        [windows] die Eingabetaste, Strg-Z und noch einmal die Eingabetaste
       *[other] Strg-D
    }.
cli-cut-line = Eine Zeile des Textes hat genau { $characters } Zeichen. Dort schneidet ein Terminal eine lange Zeile ab, die eingefügt wird. Kopieren Sie den Text noch einmal und fügen Sie ihn ein, sobald „{ $command_line }“ danach fragt, oder speichern Sie ihn mit einem Editor als Datei.
cli-request = Anforderung für { $product } erstellt. Bringen Sie dieses Token zu { $portal } und wenden Sie die Antwort hier mit „{ $command_line } apply“ an.
cli-request-no-portal = Anforderung für { $product } erstellt. Bringen Sie dieses Token zum Lizenzportal von { $vendor } und wenden Sie die Antwort hier mit „{ $command_line } apply“ an.
cli-renewal = Anforderung zum Verlängern von { $product } erstellt. Bringen Sie dieses Token zu { $portal } und wenden Sie die Antwort hier mit „{ $command_line } apply“ an. Bis dahin bleibt die Lizenz, wie sie ist.
cli-renewal-no-portal = Anforderung zum Verlängern von { $product } erstellt. Bringen Sie dieses Token zum Lizenzportal von { $vendor } und wenden Sie die Antwort hier mit „{ $command_line } apply“ an. Bis dahin bleibt die Lizenz, wie sie ist.
cli-activated = { $product } ist aktiviert: Platz { $seat }, gültig bis { $expiry }.
cli-refreshed = Die Laufzeit von { $product } ist verlängert: Platz { $seat }, gültig bis { $expiry }.
cli-already_applied = Dieses { $kind } wird schon verwendet: Platz { $seat }, gültig bis { $expiry }. Es hat sich nichts geändert.
cli-not_for_this_computer = Ein { $kind } ist nicht für diesen Computer bestimmt und wurde übersprungen.
cli-passed_over = { $count } Token, die nicht für diesen Computer bestimmt sind, wurden übersprungen.
cli-refused = Ein { $kind } wurde nicht angenommen. { $message }
cli-repaired = { $count ->
    [one] { $count } falsches Zeichen wurde repariert.
   *[other] { $count } falsche Zeichen wurden repariert.
}
cli-deactivated = Die Lizenz ist von diesem Computer entfernt. Geben Sie dieses Token bei { $portal } ab; damit wird der Platz frei. Führen Sie „{ $command_line } outbox --delivered { $id }“ aus, sobald das Portal es bestätigt hat.
cli-deactivated-no-portal = Die Lizenz ist von diesem Computer entfernt. Geben Sie dieses Token im Lizenzportal von { $vendor } ab; damit wird der Platz frei. Führen Sie „{ $command_line } outbox --delivered { $id }“ aus, sobald das Portal es bestätigt hat.

cli-status-not_activated = { $product } ist auf diesem Computer nicht aktiviert.
cli-status-active = { $product } ist aktiv bis { $expiry }.
cli-status-grace = Die Laufzeit von { $product } endete am { $expiry }. Das Produkt läuft noch bis { $end }.
cli-status-lease_expired = Die Laufzeit von { $product } endete am { $expiry }.
cli-status-left = { $unit ->
    [days] { $count ->
        [one] Es bleibt noch ein Tag.
       *[other] Es bleiben noch { $count } Tage.
    }
    [hours] { $count ->
        [one] Es bleibt noch eine Stunde.
       *[other] Es bleiben noch { $count } Stunden.
    }
   *[minutes] { $count ->
        [one] Es bleibt noch eine Minute.
       *[other] Es bleiben noch { $count } Minuten.
    }
}
cli-status-seat = Platz { $seat } { $name }
cli-status-feature = { $name }: { $value ->
    [true] enthalten
    [false] nicht enthalten
   *[other] { $value }
}
cli-status-attribute = { $name }: { $value }
cli-status-pending = { $count ->
    [one] { $count } Anforderung wartet auf ihre Antwort.
   *[other] { $count } Anforderungen warten auf ihre Antwort.
}
cli-status-outbox = { $count ->
    [one] { $count } Deaktivierungstoken ist noch nicht abgegeben: „{ $command_line } outbox“.
   *[other] { $count } Deaktivierungstoken sind noch nicht abgegeben: „{ $command_line } outbox“.
}
cli-status-other_licence = { $kind ->
    [keyring] Auf diesem Computer läuft noch eine Lizenz für { $product }. Sie wird im Schlüsselbund aufbewahrt
   *[file] Auf diesem Computer läuft noch eine Lizenz für { $product }. Sie wird in der Datei { $path } aufbewahrt
}: Platz { $seat } { $name }, gültig bis { $expiry }.
cli-status-other_licence-how = Das Produkt verwendet eine Lizenz; die andere belegt einen eigenen Platz. { $kind ->
    [keyring] So wird dieser Platz frei: „{ $command_line } --store keyring deactivate --yes“.
   *[file] So wird dieser Platz frei: „{ $command_line } --store "file:{ $path }" deactivate --yes“.
}
cli-status-clock = Die Uhr dieses Computers geht mehr als einen Tag nach. Maßgeblich für Laufzeiten ist { $effective }. Stellen Sie die Uhr, sobald Sie können; wenn sie richtig geht und vorher falsch ging, korrigiert ein Verlängerungstoken die gespeicherte Zeit.
cli-status-clock-ahead = Die Uhr dieses Computers ist um mehr als dreißig Tage vorgesprungen, auf { $effective }. Laufzeiten richten sich danach. Geht sie richtig, ist nichts zu tun; geht sie falsch, stellen Sie sie jetzt richtig: Nach dem nächsten Start braucht es dazu womöglich ein Verlängerungstoken.
cli-status-over-by-clock = Nach der Uhr dieses Computers ({ $effective }) ist die Laufzeit von { $product } zu Ende: Sie ging bis { $expiry }.
cli-status-over-by-clock-how = Geht die Uhr falsch, stellen Sie sie richtig, und die Lizenz gilt sofort weiter. Geht sie richtig, wenden Sie ein Verlängerungstoken aus dem Lizenzportal an.
cli-status-hardware = Dieser Computer hat sich seit dem Aktivieren zu sehr verändert: { $traits }. Das Produkt läuft noch bis { $end }.
cli-status-hardware-over = Dieser Computer hat sich seit dem Aktivieren zu sehr verändert: { $traits }. Die Frist, das in Ordnung zu bringen, endete am { $end }, deshalb läuft das Produkt nicht.
cli-status-hardware-other = Das ist nicht der Computer, der aktiviert wurde: Kein Merkmal, an dem ein Computer zu erkennen ist, stimmt überein ({ $traits }). Das Produkt läuft hier nicht. Die Lizenz des anderen Computers bleibt davon unberührt.
cli-status-hardware-unrecorded = Dieser Computer hat sich seit dem Aktivieren zu sehr verändert: { $traits }. Um das in Ordnung zu bringen, gibt es sieben Tage. Sie beginnen aber erst, wenn die Änderung vermerkt ist, und das war nicht möglich. Deshalb läuft das Produkt nicht.
cli-status-hardware-refused = Der Grund: { $message }
cli-status-hardware-administrator = Diese Lizenz gilt für alle auf diesem Computer: Öffnen Sie einmal das Lizenzfenster mit Administratorrechten, oder führen Sie so „{ $command_line } status“ aus. Dann beginnen die sieben Tage.
cli-status-hardware-writable = Sorgen Sie dafür, dass der Ort der Lizenz beschrieben werden kann, und führen Sie dann „{ $command_line } status“ noch einmal aus. Dann beginnen die sieben Tage.
cli-status-hardware-how = Erstellen Sie mit demselben Aktivierungscode eine neue Anforderung („{ $command_line } request“) und wenden Sie die Antwort darauf an. Der Platz bleibt derselbe.
cli-status-other_hardware = { $product } ist hier bis { $expiry } aktiviert, aber dieser Computer passt nicht mehr zu seiner Lizenz.


cli-doctor-computer = Dies ist ein physischer Computer: Es wurde weder eine virtuelle Maschine noch ein Container erkannt.
cli-doctor-traits = An diese Merkmale wird eine Lizenz auf diesem Computer gebunden. Die Werte werden nie angezeigt und verlassen diesen Computer nur als kurze Hashwerte:
cli-doctor-trait = { $name } (Gewicht { $weight }): { $state ->
    [same] wie beim Aktivieren der Lizenz
    [changed] anders als beim Aktivieren der Lizenz
    [readable] lesbar
   *[unreadable] nicht vorhanden oder für dieses Benutzerkonto nicht lesbar
}. { $stable }{ $alone ->
    [passes] { " " }Wenn sich nur das änderte, bliebe die Lizenz gültig.
    [grace] { " " }Wenn es sich änderte, hätten Sie sieben Tage, um das in Ordnung zu bringen.
    [other] { " " }Wenn es sich änderte, wäre dies ein anderer Computer und müsste sofort neu aktiviert werden.
   *[none] { "" }
}
cli-doctor-stable-os-install = Bleibt gleich, bis das Betriebssystem neu installiert wird.
cli-doctor-stable-system-uuid = Hängt an der Hauptplatine. Eine kopierte virtuelle Maschine bekommt meist eine neue.
cli-doctor-stable-board-serial = Hängt an der Hauptplatine.
cli-doctor-stable-system-disk = Bleibt gleich, bis der Datenträger ersetzt wird.
cli-doctor-stable-system-volume = Bleibt gleich, bis der Datenträger formatiert wird.
cli-doctor-stable-network-address = Ändert sich mit der Netzwerkkarte. Dockingstationen und virtuelle Karten zählen nicht, wenn es eine eingebaute gibt.
cli-doctor-stable-processor = Ändert sich mit dem Prozessor.
cli-doctor-running = { $can ->
    [yes] Das System meldet, wie lange dieser Computer schon läuft. Deshalb schadet eine falsche Uhr wenig.
   *[no] Das System meldet nicht, wie lange dieser Computer schon läuft. Deshalb richten sich Laufzeiten allein nach seiner Uhr.
}
cli-doctor-clock = Die Uhr stimmt mit den hier bekannten Zeiten überein. Maßgeblich für Laufzeiten ist { $effective }.
cli-doctor-store = { $kind ->
    [keyring] Die Lizenz wird im Schlüsselbund dieses Computers aufbewahrt. Er funktioniert.
    [unwritable] Die Lizenz wird in der Datei { $path } aufbewahrt. Sie lässt sich lesen, aber nicht schreiben.
   *[file] Die Lizenz wird in der Datei { $path } aufbewahrt. Sie lässt sich lesen und schreiben.
}
cli-doctor-no-store = Der Zustand der Lizenz lässt sich nicht lesen. { $message }
cli-doctor-not_activated = { $product } ist hier nicht aktiviert, deshalb gibt es nichts zu vergleichen.
cli-doctor-hardware-unrecorded = Dieser Computer hat sich seit dem Aktivieren zu sehr verändert: { $traits }. Um das in Ordnung zu bringen, gibt es sieben Tage. Sie beginnen aber erst, wenn die Änderung vermerkt ist, und „{ $command_line } doctor“ vermerkt nichts. Bis dahin läuft das Produkt nicht.
cli-doctor-hardware-how = Führen Sie „{ $command_line } status“ aus, oder starten Sie das Produkt: Beides vermerkt die Änderung. Gilt die Lizenz für alle auf diesem Computer, geht das nur mit Administratorrechten.
cli-doctor-passes = { $product }: Dies ist der Computer, der aktiviert wurde.
cli-doctor-key_only = { $product }: Kein Merkmal, das hier lesbar ist, unterscheidet einen Computer vom anderen. Deshalb ist die Lizenz allein an den Schlüssel dieses Geräts gebunden.

cli-outbox-empty = Alle Deaktivierungstoken sind abgegeben.
cli-outbox-entry = { $id }: Platz { $seat }, deaktiviert am { $created }.
cli-outbox-delivered = { $id } ist als abgegeben vermerkt.

cli-inspect-whole = Ein { $kind } für { $recipient }. Es ist vollständig.
cli-inspect-repaired = Ein { $kind } für { $recipient }. { $count ->
    [one] { $count } falsches Zeichen wurde repariert.
   *[other] { $count } falsche Zeichen wurden repariert.
}
cli-inspect-damaged = Ein { $kind }. { $message }
cli-inspect-alone = Ein { $kind }. { $count ->
    [0] Es ist vollständig.
    [one] { $count } falsches Zeichen wurde repariert.
   *[other] { $count } falsche Zeichen wurden repariert.
} Für wen es bestimmt ist, ist unbekannt: { $message }
cli-inspect-ready = Es kann hier angewendet werden; die Lizenz ist dann gültig bis { $expiry }.
cli-inspect-already = Es wird hier schon verwendet, gültig bis { $expiry }.
cli-inspect-refused = Es kann hier nicht angewendet werden. { $message }
cli-recipient-this_computer = diesen Computer
cli-recipient-vendor = { $vendor }, abzugeben im Lizenzportal
cli-recipient-other_product = ein anderes Produkt auf diesem Computer, { $product }
cli-recipient-other_vendor = das Produkt eines anderen Herstellers auf diesem Computer, { $product } von { $vendor }
cli-recipient-other_computer = einen anderen Computer (Schlüssel { $key })
cli-recipient-unknown_vendor = einen anderen Hersteller (Schlüssel { $key })

## Zeilen abtippen

cli-type-begin = Tippen Sie zuerst Zeile 0: Sie beginnt mit LK. Dann die anderen Zeilen, mit oder ohne ihre Nummern. Jede Zeile wird sofort geprüft. „=“ übernimmt einen Vorschlag, „?“ liest vor, was getippt wurde, eine leere Zeile führt zu einer anderen Zeile.
cli-type-zero = Zeile 0:
cli-type-row = Zeile { $row } von { $rows }:
cli-type-offer = Vermutlich: { $line } – mit „=“ übernehmen oder die Zeile noch einmal tippen.
cli-type-nothing-offered = Hier gibt es keinen Vorschlag zum Übernehmen.
cli-type-done = Das { $kind } ist vollständig.
cli-sheet-damaged = Ein { $kind } lässt sich nicht drucken. { $message }
cli-in-file = In der Datei { $file }:

## Prüfung einer Konfiguration

check-logo_file = Das Logo { $path } kann nicht gelesen werden: { $reason ->
        [missing] Es gibt die Datei nicht
        [permission] Der Zugriff ist nicht erlaubt
        [folder] Das ist ein Ordner
        [in_use] Ein anderes Programm benutzt die Datei gerade
       *[other] Das Betriebssystem hat es nicht zugelassen
    }. Stattdessen erscheint der erste Buchstabe des Produktnamens.
    .action = { $reason ->
        [permission] Geben Sie allen, die das Produkt benutzen, Lesezugriff auf die Datei.
        [in_use] Schließen Sie das andere Programm und versuchen Sie es noch einmal.
       *[other] Legen Sie die Datei neben { $config_file }, oder entfernen Sie „logo“.
    }
check-logo_format = Das Logo { $path } ist weder ein SVG- noch ein PNG-Bild, oder die Endung passt nicht dazu. Stattdessen erscheint der erste Buchstabe des Produktnamens.
    .action = Speichern Sie es als SVG (.svg) oder PNG (.png).
check-logo_large = Das Logo { $path } ist größer als { $limit } KiB. Stattdessen erscheint der erste Buchstabe des Produktnamens.
    .action = Speichern Sie es mit weniger Pixeln oder als SVG.
check-logo_pixels = Das Logo { $path } hat { $width } × { $height } Pixel.
    .action = Verwenden Sie ein Bild, das 64 bis 4096 Pixel hoch und höchstens 4096 Pixel breit ist, oder ein SVG-Bild.
check-accent = Die Akzentfarbe { $accent } hat vor hellem Hintergrund einen Kontrast von { $contrast }:1. Die WCAG verlangen 4,5:1, deshalb erscheint stattdessen { $shown }.
    .action = Wählen Sie eine dunklere Farbe, wenn Ihnen diese nicht gefällt.
check-portal = Die Adresse des Portals „{ $text }“ eignet sich nicht für QR-Codes: { $fault ->
        [scheme] Sie beginnt nicht mit https:// oder http://
        [length] Sie ist länger als { $limit } Bytes
        [character] Sie enthält ein Leerzeichen oder ein anderes Zeichen, das in Adressen nicht vorkommt
        [not_ascii] Sie enthält Buchstaben außerhalb von ASCII
        [user] Sie enthält einen Benutzernamen oder ein Passwort
        [query] Sie enthält „?“ oder „#“, aber an die Adresse werden Links angehängt
        [host] Rechnername oder Port ist ungültig
        [path] Ihr Pfad enthält einen leeren Teil, „.“, „..“ oder ein einzelnes „%“
       *[other] Daraus lassen sich keine Links bilden
    }.
    .action = Schreiben Sie die ganze Adresse, zum Beispiel https://lizenz.example.com. Einen Namen wie bücher.example schreiben Sie in der Form, die mit xn-- beginnt.
check-language = In der Sprache „{ $language }“ gibt es keine Texte, deshalb wird sie nicht angeboten.
    .action = Entfernen Sie sie aus „languages“. Die Programme gibt es auf Englisch (en) und Deutsch (de).
check-text_missing = „{ $field }“ fehlt. { $what ->
        [portal] Wer ein Token abgeben will, wird an den Hersteller verwiesen, und QR-Codes öffnen keine Seite.
       *[other] Auf der Hilfeseite steht keine Anlaufstelle.
    }
    .action = Ergänzen Sie das Feld, wenn das nicht beabsichtigt ist.
check-text_long = „{ $field }“ hat { $count } Zeichen. Vorgesehen sind höchstens { $limit }.
    .action = Kürzen Sie den Text.
cli-checked = { $file }: { $count ->
    [0] keine Probleme.
    [one] { $count } Problem.
   *[other] { $count } Probleme.
}
