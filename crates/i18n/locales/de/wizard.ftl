# Der Assistent: zuerst seine Seiten, am Ende die Fehler, die nur er hat.

## Jede Seite

wizard-title = { $product }: Lizenz
wizard-corner = Lizenz
wizard-back = Zurück
wizard-close = Schließen
wizard-try-again = Noch einmal versuchen
wizard-loading = Die Lizenz wird gelesen …
wizard-loading-slow = Der Schlüsselbund dieses Computers hat noch nicht geantwortet. Falls ein Fenster nach einem Passwort fragt, gehört es zum Schlüsselbund.
wizard-error-code = { $code } · { $number }
wizard-working = Einen Moment …

## Startseite

wizard-home-chip-not-activated = Nicht aktiviert
wizard-home-chip-active = Aktiv
wizard-home-chip-grace = Abgelaufen · läuft noch weiter
wizard-home-chip-expired = Abgelaufen
wizard-home-chip-over-by-clock = Abgelaufen, oder die Uhr geht falsch
wizard-home-chip-hardware = Nicht mehr für diesen Computer

wizard-home-not-activated = { $product } ist auf diesem Computer noch nicht aktiviert
wizard-home-not-activated-how = Sie brauchen Ihren Aktivierungscode und für ein paar Minuten irgendeinen Computer oder ein Telefon mit Internet. Dieser Computer bleibt offline.
wizard-home-active = Einsatzbereit bis { $expiry }
wizard-home-active-how = Um danach weiterzuarbeiten, verlängern Sie die Laufzeit. Dazu braucht es ein Token vom Lizenzportal.
wizard-home-grace = Die Laufzeit endete am { $expiry }
wizard-home-grace-how = { $product } läuft noch bis { $end }. Verlängern Sie die Laufzeit vorher: Dazu braucht es ein Token vom Lizenzportal.
wizard-home-expired = Die Laufzeit endete am { $expiry }
wizard-home-expired-how = { $product } läuft erst wieder, wenn die Laufzeit verlängert ist. Sagt das Lizenzportal, dass der Platz inzwischen anderswo benutzt wird, aktivieren Sie noch einmal.
wizard-home-over-by-clock = Nach der Uhr dieses Computers ({ $now }) ist die Laufzeit zu Ende
wizard-home-over-by-clock-how = Geht die Uhr falsch, stellen Sie sie richtig, und { $product } läuft sofort weiter. Geht sie richtig, verlängern Sie die Laufzeit: Dazu braucht es ein Token vom Lizenzportal.
wizard-home-hardware = Dieser Computer hat sich seit der Aktivierung zu sehr verändert
wizard-home-hardware-how = { $product } läuft erst wieder, wenn es noch einmal aktiviert ist. Nehmen Sie denselben Aktivierungscode: Der Platz bleibt derselbe.

wizard-home-seat = Platz
wizard-home-includes = Enthalten
wizard-home-started = Beginn
wizard-home-nothing-extra = Das Produkt ohne Extras
wizard-feature-counted = { $count } { $name }

wizard-left-days = { $count ->
    [one] Tag übrig
   *[other] Tage übrig
}
wizard-left-hours = { $count ->
    [one] Stunde übrig
   *[other] Stunden übrig
}
wizard-left-minutes = { $count ->
    [one] Minute übrig
   *[other] Minuten übrig
}
wizard-left-none = abgelaufen

wizard-home-activate = Aktivieren
wizard-home-activate-again = Erneut aktivieren
wizard-home-renew = Mit Anforderung verlängern
wizard-home-refresh = Verlängern
wizard-home-deactivate = Deaktivieren
wizard-home-details = Details
wizard-home-help = Hilfe
wizard-home-why-no-activate-outbox = Hier warten acht Deaktivierungstoken. Geben Sie eines davon ab und bestätigen Sie das hier, bevor Sie erneut aktivieren.
wizard-home-why-no-activate-active = Um hier einen anderen Aktivierungscode zu verwenden, deaktivieren Sie diese Lizenz und geben Sie das Deaktivierungstoken ab, oder warten Sie, bis ihre Laufzeit zu Ende ist.
wizard-home-why-no-refresh = Verlängern und Deaktivieren gibt es hier, sobald { $product } aktiviert ist.

wizard-home-ending-soon = { $count ->
    [one] Noch { $shown } Tag. Um danach weiterzuarbeiten, verlängern Sie die Laufzeit mit einem Token vom Lizenzportal.
   *[other] Noch { $shown } Tage. Um danach weiterzuarbeiten, verlängern Sie die Laufzeit mit einem Token vom Lizenzportal.
}
wizard-home-ending-very-soon = { $count ->
    [one] Die Laufzeit endet in { $shown } Tag
   *[other] Die Laufzeit endet in { $shown } Tagen
}
wizard-home-ending-today = Die Laufzeit endet innerhalb eines Tages: { $expiry }
wizard-home-ending-how = Um mit { $product } weiterzuarbeiten, verlängern Sie jetzt. Dazu braucht es ein Token vom Lizenzportal.

wizard-home-clock = Die Uhr dieses Computers scheint nachzugehen
wizard-home-clock-how = Auf diesem Computer war es schon { $now }; gegenüber dieser Zeit geht die Uhr mehr als einen Tag nach. Die Lizenz richtet sich nach der späteren Zeit; verloren ist nichts. Stellen Sie die Uhr, wenn Sie können.
wizard-home-clock-cure = Wenn die Uhr stimmt und früher falsch ging, korrigiert ein Verlängerungstoken die gespeicherte Zeit.
wizard-home-clock-ahead = Die Uhr dieses Computers ist vorgesprungen
wizard-home-clock-ahead-how = Sie zeigt { $now }, mehr als dreißig Tage später als zuvor, und die Lizenz richtet sich danach. Geht sie richtig, ist nichts zu tun. Geht sie falsch, stellen Sie sie jetzt richtig: Nach dem nächsten Start braucht es dazu womöglich ein Verlängerungstoken.

wizard-home-hardware-changed = Dieser Computer hat sich seit der Aktivierung verändert
wizard-home-hardware-what = Verändert hat sich: { $traits }.
wizard-home-hardware-other = Kein Merkmal, an dem ein Computer zu erkennen ist, stimmt überein; dies ist also ein anderer Computer. Die Lizenz des anderen bleibt davon unberührt.
wizard-home-hardware-unrecorded = Um das in Ordnung zu bringen, gibt es sieben Tage. Sie beginnen aber erst, wenn die Änderung vermerkt ist, und das war hier nicht möglich. Gilt die Lizenz für alle auf diesem Computer, muss dieses Fenster einmal mit Administratorrechten geöffnet werden.
wizard-home-hardware-grace = { $product } läuft noch bis { $end }. Aktivieren Sie bis dahin noch einmal mit demselben Aktivierungscode: Der Platz bleibt derselbe.

wizard-home-pending = Eine Anforderung wartet auf ihre Antwort
wizard-home-pending-when = Erstellt am { $created } für den Platz „{ $seat }“.
wizard-home-pending-when-unnamed = Erstellt am { $created }.
wizard-home-pending-continue = Weitermachen
wizard-home-pending-cancel = Verwerfen
wizard-home-pending-sure = Die Anforderung verwerfen? Eine Antwort darauf kann hier dann nicht mehr verwendet werden.
wizard-home-pending-sure-yes = Verwerfen
wizard-home-pending-sure-no = Behalten

wizard-home-outbox = Ein Deaktivierungstoken ist noch nicht abgegeben
wizard-home-outbox-when = Erstellt am { $created }. Der Platz ist frei, sobald das Lizenzportal das Token hat.
wizard-home-outbox-show = Token anzeigen

## Aktivieren

wizard-steps = Schritte der Aktivierung
wizard-step-code = Ihr Code
wizard-step-out = Anforderung mitnehmen
wizard-step-back = Antwort zurückbringen
wizard-step-done = { $step }, erledigt

wizard-code-title = Um welche Lizenz geht es?
wizard-renew-title = Mit Anforderung verlängern
wizard-renew-hint = Der Code der Lizenz auf diesem Computer. Manche Hersteller verlangen zum Verlängern eine Anforderung vom Computer. Bis Sie die Antwort zurückbringen, bleibt die Lizenz, wie sie ist.
wizard-code-label = Aktivierungscode
wizard-code-hint = Von { $vendor }, in einer E-Mail oder auf Ihrem Lieferschein. Großschreibung, Leerzeichen und Bindestriche spielen keine Rolle.
wizard-seat-label = Name dieses Platzes
wizard-seat-hint = Damit Sie Ihre Computer im Lizenzportal auseinanderhalten können.
wizard-code-next = Weiter
wizard-code-anyway = Trotzdem verwenden

wizard-request-title = Bringen Sie diese Anforderung zu einem Computer mit Internet
wizard-request-label = Anforderungstoken
wizard-token-copy = Kopieren
wizard-token-copied = { $count ->
    [one] Kopiert, { $count } Zeichen
   *[other] Kopiert, { $count } Zeichen
}
wizard-token-copied-short = Es liegt in der Zwischenablage, solange dieses Fenster offen ist. Fügen Sie es ein oder speichern Sie es in einer Datei, bevor Sie das Fenster schließen.
wizard-token-save = Speichern …
wizard-token-saved = Gespeichert in { $path }
wizard-request-one = Öffnen Sie { $portal } und geben Sie die Anforderung ab.
wizard-request-one-no-portal = Öffnen Sie das Lizenzportal von { $vendor } und geben Sie die Anforderung ab.
wizard-request-two = Kopieren oder speichern Sie die Antwort, die dort erscheint.
wizard-request-three = Kommen Sie hierher zurück. Sie können dieses Fenster schließen: Es geht später an dieser Stelle weiter.
wizard-request-have = Ich habe die Antwort

wizard-response-title = Bringen Sie die Antwort zurück
wizard-response-label = Antworttoken
wizard-response-hint = Fügen Sie es in beliebiger Form ein, gern mit der ganzen E-Mail. Sie können auch eine Datei hierher ziehen.
wizard-box-placeholder = Antwort hier einfügen
wizard-box-placeholder-refresh = Verlängerungstoken hier einfügen
wizard-box-paste = Einfügen
wizard-box-open = Datei öffnen …
wizard-box-clear = Leeren
wizard-box-large = { $count ->
    [one] Ein Text mit { $count } Zeichen
   *[other] Ein Text mit { $count } Zeichen
}
wizard-box-looking = Wird geprüft …
wizard-box-drop = Hier ablegen
wizard-box-ready-response = Antwort für diesen Computer. Alles bereit.
wizard-box-ready-refresh = Verlängerung für diesen Computer. Alles bereit.
wizard-box-ready-until = Gültig bis { $expiry }.
wizard-box-repaired = { $count ->
    [one] { $count } falsches Zeichen wurde repariert.
   *[other] { $count } falsche Zeichen wurden repariert.
}
wizard-box-many = Von den { $count } Token hier ist eines für diesen Computer.
wizard-box-part = Der Text enthält außerdem einen Teil eines weiteren Tokens. Wenn Sie auch dieses brauchen, kopieren Sie es noch einmal, von den Buchstaben LK am Anfang an.
wizard-box-already = Dieses Token wird hier schon verwendet. Es ist nichts zu tun.
wizard-response-apply = Aktivieren
wizard-renew-apply = Verlängern
wizard-refresh-apply = Verlängern

## Bilder und Papier

wizard-qr-scan = Mit dem Telefon scannen
wizard-qr-scan-how = Die Kamera eines Telefons öffnet das Lizenzportal mit diesem Token darin.
wizard-qr-seat-how = Die Kamera eines Telefons öffnet das Lizenzportal bei diesem Platz.
wizard-qr-larger = Größer
wizard-qr-close = Schließen
wizard-box-camera = Mit der Kamera scannen
wizard-camera-title = Mit der Kamera scannen
wizard-camera-how = Halten Sie den QR-Code vor die Kamera.
wizard-camera-more = { $count ->
    [one] { $count } Bild wurde gelesen. Halten Sie das nächste vor die Kamera.
   *[other] { $count } Bilder wurden gelesen. Halten Sie das nächste vor die Kamera.
}
wizard-qr-next = Bild { $number } von { $count }, das nächste anzeigen
wizard-token-print = Blatt drucken
wizard-sheet-window = { $product }: Blatt zum Drucken

## Abtippen

wizard-box-type = Abtippen
wizard-box-type-on = Weiter abtippen
wizard-type-title = Vom Papier abtippen
wizard-type-hint = Zuerst Zeile 0: Sie beginnt mit LK. Drücken Sie am Ende jeder Zeile die Eingabetaste.
wizard-type-kept = Was Sie tippen, bleibt erhalten, wenn Sie dieses Fenster schließen.
wizard-type-not-kept = Was Sie tippen, lässt sich hier nicht speichern und geht verloren, wenn Sie dieses Fenster schließen.
wizard-type-row = Zeile { $row }
wizard-type-progress = Bisher richtig: { $right } von { $rows } Zeilen.
wizard-type-what-response = Ein Antworttoken.
wizard-type-what-refresh = Ein Verlängerungstoken.
wizard-type-what-request = Ein Anforderungstoken.
wizard-type-what-deactivation = Ein Deaktivierungstoken.
wizard-type-offer = Vermutlich: { $line }
wizard-type-take = Übernehmen
wizard-type-aloud = Vorlesen
wizard-type-spelled = Zeile { $row }, bisher getippt: { $letters }
wizard-type-again = Neu beginnen
wizard-type-again-sure = Alles verwerfen, was getippt wurde?
wizard-type-again-yes = Verwerfen
wizard-type-again-no = Behalten
wizard-type-use = Dieses Token verwenden
wizard-type-whole = Jede Zeile stimmt.

## Fertig

wizard-done-activated = { $product } ist aktiviert
wizard-done-activated-how = Die Lizenz wurde auf diesem Computer gespeichert, zurückgelesen und geprüft.
wizard-done-refreshed = Die Laufzeit ist verlängert
wizard-done-refreshed-how = Die neue Laufzeit wurde auf diesem Computer gespeichert, zurückgelesen und geprüft.
wizard-done-already = Das wurde schon verwendet
wizard-done-already-how = Es hat sich nichts geändert. Die Lizenz auf diesem Computer ist, wie sie war.
wizard-done-until = Gültig bis
wizard-done-finish = Fertig

## Verlängern

wizard-refresh-title = Laufzeit verlängern
wizard-refresh-one = Öffnen Sie auf einem Computer mit Internet { $portal }.
wizard-refresh-one-no-portal = Öffnen Sie auf einem Computer mit Internet das Lizenzportal von { $vendor }.
wizard-refresh-two = Wählen Sie den Platz „{ $seat }“ mit der Nummer { $id } und nehmen Sie sein Verlängerungstoken mit.
wizard-refresh-two-unnamed = Wählen Sie den Platz mit der Nummer { $id } und nehmen Sie sein Verlängerungstoken mit.
wizard-refresh-three = Bringen Sie das Token hierher.
wizard-refresh-label = Verlängerungstoken

## Deaktivieren

wizard-deactivate-title = Diesen Platz zurückgeben?
wizard-deactivate-what = Sobald Sie deaktivieren, läuft { $product } auf diesem Computer nicht mehr, und Sie bekommen ein Deaktivierungstoken.
wizard-deactivate-then = Der Platz „{ $seat }“ ist für einen anderen Computer frei, sobald das Lizenzportal dieses Token hat.
wizard-deactivate-confirm = Jetzt deaktivieren
wizard-deactivate-keep = Lizenz behalten

wizard-deactivated-title = Bringen Sie dieses Token zum Lizenzportal
wizard-deactivated-label = Deaktivierungstoken
wizard-deactivated-gone = Die Lizenz ist von diesem Computer entfernt. Der Platz ist frei, sobald das Lizenzportal dieses Token hat.
wizard-deactivated-one = Öffnen Sie { $portal } und geben Sie das Token ab.
wizard-deactivated-one-no-portal = Öffnen Sie das Lizenzportal von { $vendor } und geben Sie das Token ab.
wizard-deactivated-two = Kommen Sie zurück und bestätigen Sie hier, dass es abgegeben ist. Bis dahin bleibt es hier.
wizard-deactivated-delivered = Ich habe es abgegeben
wizard-deactivated-later = Später
wizard-deactivated-sure = Hat das Lizenzportal den Empfang bestätigt? Danach kann das Token nicht mehr angezeigt werden.
wizard-deactivated-sure-yes = Ja, es ist abgegeben
wizard-deactivated-sure-no = Noch nicht

## Details

wizard-details-title = Details
wizard-details-hint = Für den Support von { $vendor }. Es stehen keine Geheimnisse darin.
wizard-details-copy = Diagnose kopieren
wizard-details-licence = Lizenz
wizard-details-computer = Dieser Computer
wizard-details-programme = Programm
wizard-details-none = nicht vorhanden
wizard-detail-vendor = Hersteller
wizard-detail-vendor_id = Kennung des Herstellers
wizard-detail-product = Produkt
wizard-detail-product_number = Produktnummer
wizard-detail-state = Zustand
wizard-detail-state-not_activated = nicht aktiviert
wizard-detail-state-active = aktiv
wizard-detail-state-lease_expired = abgelaufen
wizard-detail-in_grace = In der Nachfrist
wizard-detail-yes = ja
wizard-detail-no = nein
wizard-detail-mode = Betriebsart
wizard-detail-mode-offline = offline
wizard-detail-mode-online = online
wizard-detail-seat_id = Platznummer
wizard-detail-seat_name = Platzname
wizard-detail-activated_at = Aktiviert
wizard-detail-lease_start = Beginn der Laufzeit
wizard-detail-lease_expiry = Ende der Laufzeit
wizard-detail-grace_end = Ende der Nachfrist
wizard-detail-subscription_end = Ende des Abonnements
wizard-detail-pending_requests = Wartende Anforderungen
wizard-detail-outbox = Nicht abgegebene Deaktivierungen
wizard-detail-other_licences = Weitere Lizenzen hier
wizard-detail-other-licence = Platz { $seat } bis { $expiry }, { $kind ->
    [keyring] im Schlüsselbund
   *[file] in der Datei { $path }
}
wizard-detail-store = Ort der Lizenz
wizard-detail-store-keyring = Schlüsselbund
wizard-detail-store-file = Datei
wizard-detail-store_path = Datei
wizard-detail-scope = Für
wizard-detail-scope-user = dieses Benutzerkonto
wizard-detail-scope-machine = alle auf diesem Computer
wizard-detail-key_ids = Schlüsselkennungen des Herstellers
wizard-detail-device_key_id = Schlüsselkennung dieses Computers
wizard-detail-traits = Hardware-Merkmale
wizard-detail-now = Maßgebliche Zeit für den Ablauf
wizard-detail-clock = Uhr
wizard-detail-clock-right = richtig, soweit bekannt
wizard-detail-clock-behind = geht weit nach
wizard-detail-clock-ahead = ist vorgesprungen
wizard-detail-hardware = Hardware
wizard-detail-hardware-passes = wie bei der Aktivierung
wizard-detail-hardware-key_only = nicht vergleichbar; nur durch den Schlüssel dieses Computers gebunden
wizard-detail-hardware-in_grace = hat sich verändert; läuft noch
wizard-detail-hardware-over = hat sich verändert; läuft nicht mehr
wizard-detail-changed_traits = Veränderte Merkmale
wizard-detail-surroundings = Läuft in
wizard-detail-surroundings-computer = einem Computer
wizard-detail-surroundings-virtual_machine = einer virtuellen Maschine
wizard-detail-surroundings-container = einem Container
wizard-detail-features = Funktionen
wizard-detail-attributes = Attribute
wizard-detail-signer = Signiert mit dem Schlüssel
wizard-detail-config = Konfiguration
wizard-detail-version = Version des Assistenten
wizard-detail-system = Betriebssystem
wizard-trait-os-install = Installation des Betriebssystems
wizard-trait-system-uuid = Kennung des Systems
wizard-trait-board-serial = Hauptplatine
wizard-trait-system-disk = Systemlaufwerk
wizard-trait-system-volume = Systempartition
wizard-trait-network-address = Netzwerkkarte
wizard-trait-processor = Prozessor
wizard-detail-local-time = { $local } ({ $utc })

## Hilfe

wizard-help-title = So funktioniert es
wizard-help-one = Dieser Computer braucht kein Internet. Was er mit dem Lizenzportal austauscht, passt in ein Token: einen kurzen Text, den Sie als Datei, in der Zwischenablage einer Fernsitzung oder auf Papier hin- und hertragen.
wizard-help-two = Zum Aktivieren tragen Sie eine Anforderung hinaus und eine Antwort zurück. Zum Verlängern bringen Sie ein Token herein. Um den Platz zurückzugeben, tragen Sie ein Token hinaus.
wizard-help-three = Ein Token taugt nur für diesen einen Zweck. Niemand sonst kann es lesen, und es spielt keine Rolle, wie oft es kopiert wird.
wizard-help-vendor = Fragen? { $vendor } beantwortet sie:
wizard-help-portal = Das Lizenzportal:

## Was den Assistenten am Start hindert

wizard-config-title = Der Assistent kann seine Konfiguration nicht lesen
wizard-config-file = Datei
wizard-config-line = Zeile
wizard-config-text = Dort steht
wizard-config-reader = Der TOML-Parser meldet
wizard-store-title = Der Ort, an dem die Lizenz aufbewahrt wird, ist nicht benutzbar
wizard-store-outbox-elsewhere = { $count ->
    [one] Ein Deaktivierungstoken, das an einem anderen Ort aufbewahrt wird, ist noch nicht abgegeben. „{ $command_line } outbox“ zeigt es.
   *[other] { $count } Deaktivierungstoken, die an einem anderen Ort aufbewahrt werden, sind noch nicht abgegeben. „{ $command_line } outbox“ zeigt sie.
}
wizard-store-use-file = Lizenz in einer Datei aufbewahren
wizard-store-use-file-hint = Die Lizenz kann auch in einer Datei in Ihrem persönlichen Ordner liegen, die nur Sie lesen können und die nur auf diesem Computer gilt.
wizard-store-copy-command = Befehl kopieren
wizard-store-command-copied = Der Befehl ist in der Zwischenablage. Fügen Sie ihn in ein Terminal ein.

## Bevor das Fenster sich schließt

wizard-closing-title = Das Kopierte geht verloren
wizard-closing-text = Dieser Computer behält den Inhalt der Zwischenablage nicht, wenn ein Fenster geschlossen wird. Fügen Sie den Text zuerst dort ein, wo Sie ihn brauchen, oder speichern Sie ihn in einer Datei.
wizard-closing-stay = Hier bleiben
wizard-closing-anyway = Trotzdem schließen

## Fehler

wizard-clipboard_unavailable = Die Zwischenablage ist nicht benutzbar.
    .action = Nehmen Sie stattdessen „Speichern …“ oder „Datei öffnen …“.
wizard-clipboard_not_kept = Der Text kam nicht in der Zwischenablage an.
    .action = Vielleicht benutzt ein anderes Programm die Zwischenablage. Klicken Sie noch einmal auf „Kopieren“, oder speichern Sie den Text in einer Datei.
wizard-clipboard_empty = In der Zwischenablage ist nichts.
    .action = Kopieren Sie zuerst das Token und klicken Sie dann noch einmal auf „Einfügen“.
wizard-clipboard_not_text = In der Zwischenablage ist weder Text noch ein Bild, sondern etwas anderes.
    .action = Kopieren Sie das Token als Text oder ein Bild seines QR-Codes und klicken Sie dann noch einmal auf „Einfügen“.
wizard-file_not_written = Die Datei { $file } konnte nicht geschrieben werden: { $reason }.
    .action = Wählen Sie einen anderen Ordner. Sonst hat sich nichts geändert.
wizard-file_not_read = Die Datei { $file } konnte nicht gelesen werden: { $reason }.
    .action = Wählen Sie eine andere Datei, oder kopieren Sie ihren Text und fügen Sie ihn hier ein.
wizard-file_too_large = { $file } ist zu groß: Alle Dateien zusammen dürfen höchstens { $limit } MiB haben.
    .action = Wählen Sie nur die Datei, in der die Token stehen.
wizard-picture_too_large = Dieses Bild hat zu viele Bildpunkte, um durchsucht zu werden.
    .action = Schneiden Sie den Teil mit dem QR-Code aus, oder nehmen Sie ein kleineres Bild auf.
wizard-picture_unreadable = Dieses Bild ist beschädigt oder unvollständig.
    .action = Speichern Sie es als PNG oder JPEG und versuchen Sie es noch einmal.
wizard-picture_no_code = In diesem Bild ist kein QR-Code zu erkennen.
    .action = Nehmen Sie es aus der Nähe auf, gerade von vorn, scharf und ohne Spiegelungen. Oder tippen Sie die Zeilen ab.
wizard-picture_too_much_work = In diesem Bild nach einem QR-Code zu suchen ist zu aufwendig.
    .action = Schneiden Sie den Teil mit dem QR-Code aus, oder nehmen Sie nur ihn auf.
wizard-camera = Die Kamera lässt sich nicht verwenden.
    .action = Vielleicht verwendet sie gerade ein anderes Programm, oder dieser Computer erlaubt es nicht. Nehmen Sie das Bild mit etwas anderem auf und öffnen Sie die Datei, oder tippen Sie die Zeilen ab.
wizard-not_printed = Das Blatt zum Drucken lässt sich nicht anzeigen.
    .action = Speichern Sie das Token stattdessen in einer Datei und drucken Sie es mit einem anderen Programm. Auch „{ $command_line } sheet“ schreibt das Blatt.
wizard-interrupted = Der Assistent konnte das nicht zu Ende bringen.
    .action = Versuchen Sie es noch einmal. Geschieht das wieder, schließen Sie den Assistenten und starten Sie ihn neu: Es geht nichts verloren.
wizard-no_display = Hier gibt es keinen Bildschirm, auf dem sich das Fenster des Assistenten öffnen lässt.
    .action = Starten Sie ihn auf dem Desktop. Ohne Desktop leistet „{ $command_line }“ auf der Befehlszeile dasselbe.
wizard-no_webview = Auf diesem Computer fehlt Microsoft Edge WebView2, mit dem der Assistent sein Fenster anzeigt.
    .action = Installieren Sie die WebView2-Runtime. Für einen Computer ohne Verbindung laden Sie deren Evergreen Standalone Installer auf einem anderen Computer von https://developer.microsoft.com/microsoft-edge/webview2 herunter und führen ihn hier mit Administratorrechten aus. Oder verwenden Sie „{ $command_line }“ auf der Befehlszeile, das ohne Fenster dasselbe leistet.
wizard-too_few_colours = Dieser Bildschirm zeigt so wenige Farben ({ $depth } Bit), dass das Fenster des Assistenten leer bliebe.
    .action = Stellen Sie den Desktop oder die Fernverbindung auf mindestens 16 Bit Farbtiefe ein und starten Sie den Assistenten noch einmal; oder verwenden Sie „{ $command_line }“ auf der Befehlszeile.
wizard-clipboard_remote = Die kopierte Datei liegt nicht auf diesem Computer: { $address }
    .action = Speichern Sie sie in einem Ordner dieses Computers und klicken Sie auf „Datei öffnen …“.
wizard-clipboard_many_files = Mehr als { $limit } Dateien wurden kopiert. Das sind mehr, als auf einmal gelesen werden.
    .action = Kopieren Sie nur die Dateien, in denen die Token stehen.
wizard-clipboard_no_file = Kopiert wurde der Pfad einer Datei, die es auf diesem Computer nicht gibt: { $path }
    .action = Öffnen Sie die Datei dort, wo sie liegt, und kopieren Sie den Text darin. Oder speichern Sie sie in einem Ordner dieses Computers und klicken Sie auf „Datei öffnen …“.
wizard-in-file = In der Datei { $file }: { $message }
wizard-no_window = Das Fenster des Assistenten lässt sich nicht öffnen: { $reason }
    .action = Starten Sie ihn noch einmal. Geschieht es wieder, wenden Sie sich mit dieser Meldung an Ihre IT; „{ $command_line }“ leistet dasselbe auf der Befehlszeile.
wizard-reason-missing = Die Datei gibt es nicht
wizard-reason-permission = Der Zugriff ist nicht erlaubt
wizard-reason-no_folder = Den Ordner gibt es nicht
wizard-reason-read_only = Der Datenträger ist schreibgeschützt
wizard-reason-full = Der Datenträger ist voll
wizard-reason-folder = Es ist ein Ordner
wizard-reason-in_use = Ein anderes Programm benutzt die Datei gerade
wizard-reason-windows_path = Das ist ein Windows-Pfad
wizard-reason-address = Das ist eine Adresse und keine Datei auf diesem Computer
wizard-reason-variable = Darin steht eine Variable wie $HOME, die keine Shell ersetzt hat
wizard-reason-quoted = Die Anführungszeichen gehören nicht zum Pfad
wizard-reason-no_path = Das ist kein Pfad einer Datei
wizard-reason-other = Das Betriebssystem hat es nicht zugelassen
