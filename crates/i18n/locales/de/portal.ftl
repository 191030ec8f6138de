# Die Seiten des Lizenzportals. Sie liest jemand auf einem fremden Telefon, der das Wort „Token“
# noch nie gehört hat.

## Eigene Fehler

portal-unavailable = Das kann das Lizenzportal gerade nicht. Es hat sich nichts geändert.
    .action = Versuchen Sie es in einigen Minuten noch einmal. Geschieht das wieder, sagen Sie es dem Hersteller.
portal-busy = Das Lizenzportal ist gerade überlastet.
    .action = Versuchen Sie es in einer Minute noch einmal. Es hat sich nichts geändert.
portal-form = Das Formular konnte nicht gelesen werden.
    .action = Gehen Sie zurück und versuchen Sie es noch einmal von vorn.
portal-no_page = Diese Seite gibt es nicht.
    .action = Beginnen Sie auf der ersten Seite des Lizenzportals.

portal-limited = Das waren zu viele Versuche in kurzer Zeit.
    .action = { $seconds ->
        [one] Versuchen Sie es in einer Sekunde noch einmal.
       *[other] Versuchen Sie es in { $seconds } Sekunden noch einmal.
    }
portal-no_batch = Diese Antworten sind nicht mehr hier.
    .action = Geben Sie denselben Text noch einmal ab: Sie bekommen dieselben Antworten.
portal-not_tls = Zum Anmelden ist TLS nötig, und diese Seite wurde ohne TLS geöffnet.
    .action = Öffnen Sie sie unter einer Adresse, die mit https:// beginnt, oder auf dem Rechner, auf dem das Portal läuft, als http://localhost mit dem Port des Portals. Über reines http behält der Browser die Anmeldung nicht, und eine Passphrase kann unterwegs mitgelesen werden.
portal-nothing = Es wurde nichts eingefügt und keine Datei ausgewählt.
    .action = Fügen Sie das Token ein, oder wählen Sie die Datei oder das Bild damit aus. Geben Sie es dann ab.
portal-cookie_lost = Falls Sie sich gerade angemeldet haben: Der Browser hat die Anmeldung nicht behalten.
    .action = Öffnen Sie diese Seite unter einer Adresse, die mit https:// beginnt. Über reines http behalten Browser die Anmeldung höchstens auf dem Rechner, auf dem das Portal läuft, als http://localhost. Beginnt die Adresse schon mit https://, erlauben Sie Cookies für sie.

portal-in-file = In der Datei { $file }: { $message }
portal-skipped = { $count ->
    [one] Ein Teil dessen, was Sie abgegeben haben, ist nicht verwendbar. Alles andere wurde gelesen.
   *[other] { $count } Teile dessen, was Sie abgegeben haben, sind nicht verwendbar. Alles andere wurde gelesen.
}
portal-skipped-others = { $count ->
    [one] Und ein weiterer.
   *[other] Und { $count } weitere.
}
portal-skipped-as_well = { $count ->
    [one] Eine weitere Datei ist auch nicht verwendbar.
   *[other] { $count } weitere Dateien sind auch nicht verwendbar.
}
portal-picture_too_large = Dieses Bild hat zu viele Bildpunkte, um durchsucht zu werden.
    .action = Schneiden Sie den Teil mit dem QR-Code aus, oder machen Sie ein kleineres Bild.
portal-picture_unreadable = Dieses Bild ist beschädigt oder unvollständig.
    .action = Speichern Sie es noch einmal, als PNG oder JPEG.
portal-picture_no_code = In diesem Bild ist kein QR-Code zu erkennen.
    .action = Machen Sie das Bild aus größerer Nähe, gerade von vorn, scharf und ohne Spiegelungen.
portal-picture_too_much_work = In diesem Bild nach einem QR-Code zu suchen ist zu aufwendig.
    .action = Schneiden Sie den Teil mit dem QR-Code aus, oder nehmen Sie nur ihn auf.

## Dieselben Ablehnungen in Worten für jemanden, der keine Befehlszeile hat

portal-none-free = Kein Platz ist frei: { $count ->
    [one] Der einzige ist belegt.
   *[other] Alle { $count } sind belegt.
}
portal-none-free-next = Deaktivieren Sie einen dieser Computer und geben Sie sein Deaktivierungstoken hier ab, oder warten Sie, bis eine Laufzeit abgelaufen ist. Weitere Plätze gibt es beim Hersteller zu kaufen.
portal-code-unknown = Dieser Aktivierungscode ist nicht bekannt.
portal-code-unknown-next = Vergleichen Sie ihn Zeichen für Zeichen mit dem Lieferschein.
portal-code-disabled = Dieser Aktivierungscode wurde gesperrt.
portal-code-disabled-next = Bitten Sie den Hersteller um einen anderen.
portal-wrong-product = Dieser Aktivierungscode ist für { $belongs }, die Anforderung gehört aber zu { $asked }.
portal-wrong-product-next = Geben Sie den Aktivierungscode an, den Sie für { $asked } bekommen haben.
portal-other-code-title = Ein anderer Aktivierungscode für diese Anforderung
portal-other-code = Die Anforderung selbst ist in Ordnung. Geben Sie hier den richtigen Aktivierungscode an: Sie müssen dafür nicht zurück zum Computer, er nimmt die Antwort an wie jede andere.
portal-other-code-confirm = Mit diesem Code weiter
portal-other-code-alone = Um für diese Anforderung einen anderen Aktivierungscode anzugeben, geben Sie sie einzeln ab.
portal-has-seat = Dieser Computer hat schon einen Platz dieses Aktivierungscodes: „{ $name }“.
portal-has-seat-next = Geben Sie die Anforderung noch einmal ab, ohne einen Platz zu übernehmen.
portal-key-offline = Dieses Token lässt sich gerade nicht öffnen.
portal-key-offline-next = Sagen Sie dem Hersteller, dass der Schlüssel { $key } dafür gebraucht wird, und geben Sie das Token dann noch einmal ab.
portal-not-granted = Es kann keine Laufzeit gewährt werden: Ihr Ende läge nach dem Jahr 9999.
portal-not-granted-next = Sagen Sie es dem Hersteller.

## Überall

portal-skip = Zum Inhalt springen
portal-nav = Seiten
portal-nav-start = Token abgeben
portal-nav-seats = Meine Plätze
portal-help = Hilfe:
portal-back = Zurück zum Anfang
portal-cancel = Abbrechen
portal-problem-title = Das hat nicht geklappt
portal-problem-code = Für den Support: { $code }
portal-moment = { $time }
portal-product = Produkt
portal-seat = Platz
portal-seat-number = Platznummer
portal-state = Zustand
portal-expiry = Ende der Laufzeit
portal-left = { $unit ->
    [days] { $count ->
        [one] noch 1 Tag
       *[other] noch { $count } Tage
    }
    [hours] { $count ->
        [one] noch 1 Stunde
       *[other] noch { $count } Stunden
    }
   *[minutes] { $count ->
        [one] noch 1 Minute
       *[other] noch { $count } Minuten
    }
}
portal-lease-until = Laufzeit bis
portal-activated = Aktiviert
portal-seats-left = Freie Plätze
portal-seats-left-of = { $left } von { $seats }
portal-seats-in-use = Belegte Plätze
portal-seats-used-of = { $used } von { $seats }
portal-subscription-end = Ende des Abonnements
portal-repaired = { $count ->
    [one] Ein falsches Zeichen wurde repariert.
   *[other] { $count } falsche Zeichen wurden repariert.
}

portal-state-active = aktiv
portal-state-lease_expired = abgelaufen
portal-state-deactivated = deaktiviert
portal-state-reused = neu vergeben
portal-state-released = freigegeben
portal-state-ended = Berechtigung beendet

## Das eine Feld

portal-start-title = Was haben Sie von dem Computer mitgebracht?
portal-start-lead = Geben Sie ab, was Ihnen der Computer ohne Internet gegeben hat. Sie bekommen zurück, was er braucht.
portal-box-label = Token
portal-box-hint = Fügen Sie es ein, wie es ist, auch mitsamt der E-Mail. Es ist eine lange Reihe von Buchstaben und Ziffern, die mit LK beginnt.
portal-box-file = Oder wählen Sie Dateien: Text, oder ein Foto des QR-Codes
portal-box-continue = Weiter
portal-camera = Mit der Kamera lesen
portal-camera-stop = Kamera anhalten
portal-camera-sees = Was die Kamera sieht
portal-camera-read = Gelesene QR-Codes: { $count }. Drücken Sie auf „Weiter“, wenn das alle sind.
portal-camera-refused = Die Kamera lässt sich hier nicht benutzen. Wählen Sie eine Datei oder fügen Sie das Token ein.
portal-ways-title = Soll nur die Laufzeit verlängert werden?
portal-ways-refresh = Dafür brauchen Sie nichts von dem Computer, nur den Aktivierungscode.
portal-ways-seats = Platz wählen

portal-for-computer-title = Das gehört auf den Computer
portal-for-computer = { $kind ->
    [refresh] Das ist ein Verlängerungstoken.
   *[response] Das ist ein Antworttoken.
} Bringen Sie es zum Computer ohne Internet zurück und geben Sie es dort im Fenster ein. Damit ist hier nichts weiter zu tun.

## Aktivieren

portal-activate-title = Diesen Computer aktivieren?
portal-activate-confirm = Aktivieren
portal-activate-reused = Er bekommt den Platz von „{ $old }“, dessen Laufzeit abgelaufen ist. Jener Computer kann dann nicht mehr verlängert werden.
portal-again-title = Diese Anforderung wurde schon beantwortet
portal-again-lead = Sie können dieselbe Antwort noch einmal bekommen. Es ändert sich nichts.
portal-again-confirm = Antwort anzeigen
portal-granted-title = „{ $name }“ ist aktiviert
portal-granted-clock-title = Stellen Sie zuerst die Uhr von „{ $name }“ richtig
portal-granted-expired-title = Die Laufzeit in dieser Antwort ist zu Ende: Erstellen Sie eine neue Anforderung
portal-granted-again = Diese Anforderung wurde schon beantwortet. Hier ist dieselbe Antwort.
portal-granted-over = Der Platz wurde übernommen. Die Installation, die ihn vorher hatte, kann nicht mehr verlängert werden.
portal-none-free-title = Kein Platz ist frei
portal-in-use-title = Diese Plätze sind belegt
portal-takeover-title = Ist „{ $name }“ derselbe Computer?
portal-takeover = Es sieht so aus: derselbe Computer vor einer Neuinstallation oder unter einem anderen Benutzerkonto. Dann können Sie seinen Platz übernehmen.
portal-several-alike = Mehrere dieser Computer sehen aus wie Ihrer, wie es bei Computern aus einem gemeinsamen Abbild ist. Deshalb lässt sich nicht sagen, ob einer der Plätze zu Ihrem Computer gehörte. Gibt es den Computer eines Platzes nicht mehr, kann der Hersteller diesen Platz freigeben.
portal-takeover-sure = Ja, es ist derselbe Computer. Wer den Platz „{ $name }“ jetzt benutzt, kann ihn nicht mehr verlängern.
portal-takeover-confirm = Platz übernehmen

portal-renew-title = Die Laufzeit dieses Computers verlängern?
portal-renew-lead = Dieser Computer hat schon einen Platz und behält ihn. Seine Laufzeit beginnt neu.
portal-renew-confirm = Verlängern
portal-renewed-title = Die Laufzeit von „{ $name }“ ist verlängert

## Ein Token, das ausgegeben wird

portal-token-label = { $kind ->
    [refresh] Verlängerungstoken
   *[response] Antworttoken
}
portal-copy = Kopieren
portal-copied = { $count ->
    [one] Kopiert, { $count } Zeichen
   *[other] Kopiert, { $count } Zeichen
}
portal-download = Als Datei speichern
portal-sheet = Druckblatt
portal-picture-title = Als Bild
portal-picture-hint = Für einen Computer mit Kamera, oder zum Abfotografieren.
portal-picture = { $count ->
    [one] QR-Code des Tokens
   *[other] QR-Code { $number } von { $count } des Tokens
}
portal-mail = Als E-Mail senden
portal-mail-subject = { $kind ->
    [refresh] Verlängerungstoken für „{ $name }“
   *[response] Antworttoken für „{ $name }“
}
portal-then-title = Danach
portal-then-one = Bringen Sie es zum Computer ohne Internet zurück.
portal-then-two = { $kind ->
    [refresh] Drücken Sie dort im Fenster auf „Verlängern“.
   *[response] Drücken Sie dort im Fenster auf „Ich habe die Antwort“.
}
portal-then-three = Fügen Sie das Token ein oder öffnen Sie die Datei. Das Fenster zeigt sofort an, ob es das richtige ist.

## Deaktivieren

portal-deactivate-title = Diesen Platz zurückgeben?
portal-deactivate-confirm = Zurückgeben
portal-released-title = Der Platz „{ $name }“ ist frei
portal-released = Der Platz „{ $name }“ ist jetzt frei. An seiner Stelle kann ein anderer Computer aktiviert werden.
portal-released-taken-title = Der Platz „{ $name }“ wurde zurückgegeben
portal-released-taken = Er wurde zu oft vorzeitig zurückgegeben, um sofort frei zu sein; an seiner Stelle kann erst ab { $until } ein anderer Computer aktiviert werden.
portal-deactivate-taken = Dieser Platz wurde zu oft vorzeitig zurückgegeben, um sofort frei zu sein. Wenn Sie ihn jetzt zurückgeben, kann an seiner Stelle erst ab { $until } ein anderer Computer aktiviert werden.
portal-released-before-title = Der Platz „{ $name }“ ist schon frei
portal-released-before = Dieses Token wurde schon abgegeben. Es hat sich nichts geändert.
portal-noted-title = Der Platz „{ $name }“ ist schon neu vergeben
portal-noted = Diesen Platz hat inzwischen ein anderer Computer, deshalb hat sich nichts geändert. Das Token wurde vermerkt.
portal-released-next = Bestätigen Sie auf dem Computer, dass Sie das Token abgegeben haben.

## Meine Plätze

portal-seats-title = Meine Plätze
portal-seats-lead = Mit dem Aktivierungscode sehen Sie alle Plätze und bekommen für jeden ein Verlängerungstoken.
portal-seat-lead = Um diesen Platz zu sehen und seine Laufzeit zu verlängern, geben Sie den Aktivierungscode ein.
portal-code-label = Aktivierungscode
portal-code-hint = Vom Hersteller, in einer E-Mail oder auf Ihrem Lieferschein. Großschreibung, Leerzeichen und Bindestriche spielen keine Rolle.
portal-code-seats = Plätze anzeigen
portal-code-seat = Platz anzeigen
portal-seats-none = Mit diesem Code ist noch kein Computer aktiviert.
portal-seats-past = { $count ->
    [one] { $count } früherer Platz
   *[other] { $count } frühere Plätze
}
portal-seats-all = Alle Plätze
portal-refresh-confirm = Verlängerungstoken holen
portal-seat-details = Einzelheiten
portal-refreshed-title = Verlängerungstoken für „{ $name }“
portal-refreshes-left = Verlängerungstoken, bis eine Anforderung nötig ist
portal-needs-request = Die nächste Verlängerung braucht eine Anforderung vom Computer selbst; ein Verlängerungstoken genügt nicht. Wählen Sie dort „Mit Anforderung verlängern“ und geben Sie die Anforderung dann hier ab:
portal-last-refresh = Die Verlängerung nach dieser braucht eine Anforderung vom Computer selbst: Wählen Sie dort rechtzeitig „Mit Anforderung verlängern“.
portal-why-deactivated = Dieser Platz wurde zurückgegeben und kann deshalb nicht verlängert werden. Um das Produkt dort wieder zu benutzen, erstellen Sie auf dem Computer eine neue Anforderung und geben Sie sie ab.
portal-why-reused = Diesen Platz hat inzwischen ein anderer Computer, deshalb kann er nicht verlängert werden. Um das Produkt dort wieder zu benutzen, erstellen Sie auf dem Computer eine neue Anforderung, und zwar über „Mit Anforderung verlängern“, wenn seine Lizenz noch läuft, und geben Sie sie ab.
portal-why-released = Der Hersteller hat diesen Platz freigegeben, deshalb kann er nicht verlängert werden. Um das Produkt dort wieder zu benutzen, erstellen Sie auf dem Computer eine neue Anforderung, und zwar über „Mit Anforderung verlängern“, wenn seine Lizenz noch läuft, und geben Sie sie ab.
portal-why-ended = Die Berechtigung ist beendet, deshalb kann der Platz nicht verlängert werden. Bitten Sie den Hersteller um eine neue.

portal-history-title = Verlauf
portal-history-granted = Aktiviert
portal-history-repeated = Antwort noch einmal angezeigt
portal-history-refreshed = Verlängert
portal-history-deactivated = Zurückgegeben
portal-history-reused = An einen anderen Computer vergeben
portal-history-released = Vom Hersteller freigegeben

portal-gone-title = Diesen Computer gibt es nicht mehr
portal-gone-question = Gibt es diesen Computer nicht mehr?
portal-gone-lead = Verloren, defekt oder verkauft, ohne deaktiviert zu sein? Sagen Sie es dem Hersteller. Der Platz bleibt belegt, bis der Hersteller ihn freigegeben hat.
portal-gone-confirm = Dem Hersteller melden
portal-gone-since = Dem Hersteller gemeldet am { $time }.
portal-gone-noted = Die Meldung ist beim Hersteller eingegangen.
portal-gone-before = Der Computer war dem Hersteller schon gemeldet. Es hat sich nichts geändert.
portal-gone-next = Der Platz bleibt belegt, bis der Hersteller ihn freigegeben hat.

## Viele auf einmal

portal-batch-title = { $count ->
    [one] Ein Token gefunden
   *[other] { $count } Token gefunden
}
portal-batch-requests = Anforderungen
portal-batch-deactivations = Deaktivierungen
portal-batch-for-computers = Für Computer, nicht für das Portal
portal-batch-unreadable = Nicht lesbar
portal-batch-confirm = Alle beantworten
portal-batch-nothing = Damit ist hier nichts weiter zu tun.
portal-batch-running-title = Die Token werden beantwortet
portal-batch-progress = { $done } von { $count }
portal-batch-wait = Diese Seite aktualisiert sich von selbst. Sie kann offen bleiben; fertige Antworten bleiben erhalten.
portal-batch-done-title = Alle Token sind bearbeitet
portal-batch-answered = Antworten
portal-batch-released = Zurückgegebene Plätze
portal-batch-refused = Abgelehnt
portal-batch-responses = Alle Antworten speichern
portal-batch-responses-hint = Eine Datei für alle Computer: Jeder findet darin seine Antwort.
portal-batch-table = Tabelle speichern (CSV)
portal-batch-expired-title = Diese Computer brauchen neue Anforderungen
portal-batch-expired = Die Laufzeit in ihren Antworten ist zu Ende. Diese Computer nehmen ihre Antworten deshalb nicht an. Erstellen Sie auf jedem eine neue Anforderung, und zwar über „Mit Anforderung verlängern“, wenn seine Lizenz noch läuft, und geben Sie sie ab.
portal-batch-clocks-title = Stellen Sie zuerst die Uhren dieser Computer richtig
portal-batch-clocks = Nach ihren eigenen Uhren ist die Laufzeit in ihren Antworten schon zu Ende. Diese Computer nehmen ihre Antworten deshalb erst an, wenn ihre Uhren richtig gehen. Neue Anforderungen sind nicht nötig.
portal-batch-clock = Zeit auf seiner Uhr
portal-batch-refusals-title = Abgelehnt
portal-batch-why = Warum, und was zu tun ist
portal-batch-more = Die Tabelle zum Speichern enthält alle.

## Die Seiten des Herstellers

portal-vendor-sign-in-title = Verwaltung
portal-vendor-sign-in = Anmelden
portal-vendor-sign-out = { $name } abmelden
portal-vendor-name = Name
portal-vendor-passphrase = Passphrase
portal-vendor-number = Zahl aus Ihrer App
portal-vendor-number-hint = Nur wenn Sie das eingerichtet haben.
portal-vendor-tls = Anmelden können Sie sich, wenn die Adresse dieser Seite mit https:// beginnt, und auf dem Rechner, auf dem das Portal läuft. Über reines http von anderswo behält der Browser die Anmeldung nicht.
portal-vendor-title = Zu erledigen
portal-vendor-overview = Übersicht
portal-vendor-back = Zurück zur Übersicht
portal-vendor-products = Produkte
portal-vendor-entitlements = Berechtigungen
portal-vendor-audit = Protokoll
portal-clock = Die Uhr auf dem Server des Herstellers zeigt { $now }, und das stimmt womöglich nicht. Deshalb wird im Moment nichts gewährt.
portal-clock-next = Geben Sie das später noch einmal ab. Dauert es an, sagen Sie dem Hersteller Bescheid.
portal-clock-disputed = Die Uhr des Herstellerservers zeigt { $now }. Diese Anforderung wurde nach der Uhr des Computers, von dem sie kommt, am { $request } erstellt. Wegen des Unterschieds wird sie nicht gewährt.
portal-clock-disputed-next = Prüfen Sie das Datum auf dem Computer, von dem sie kommt, erstellen Sie dort eine neue Anforderung und geben Sie sie noch am selben Tag ab. Wird sie wieder abgelehnt, sagen Sie dem Hersteller Bescheid.
portal-vendor-clock = Es wird nichts gewährt
portal-vendor-clock-undecided = Anforderungen werden mit der Uhr verglichen
portal-vendor-returns = Plätze, die oft zurückgegeben werden
portal-vendor-returns-lead = Innerhalb von 365 Tagen wurden Plätze { $returns }-mal vorzeitig zurückgegeben; die Berechtigung hat { $seats ->
        [one] einen Platz
       *[other] { $seats } Plätze
    }. Vielleicht dient ein Platz mehreren Computern.
portal-vendor-notices = Als nicht mehr vorhanden gemeldete Computer
portal-vendor-notices-none = Zurzeit liegt keine solche Meldung vor.
portal-vendor-since = Gemeldet am
portal-vendor-said-gone = Am { $time } hat jemand mit dem Aktivierungscode gemeldet, dass es diesen Computer nicht mehr gibt.
portal-vendor-release = Platz freigeben
portal-vendor-release-now = Sofort frei, auch wenn die Laufzeit noch andauert
portal-vendor-dismiss = Meldung schließen
portal-vendor-taken-until = Gilt als belegt bis
portal-vendor-product-add = Produkt anlegen
portal-vendor-product-name = Name des Produkts
portal-vendor-features = Funktionen und ihre Arten
portal-vendor-features-hint = Eine je Zeile, zum Beispiel export=bool, nodes=pool oder saves=count. Sie werden in dieser Reihenfolge nummeriert, für immer.
portal-vendor-add = Anlegen
portal-vendor-save = Speichern
portal-vendor-kit = Das Kit
portal-vendor-kit-lead = latchkey.toml gehört neben den Assistenten, die Konstanten gehören in das Produkt. Nichts darin ist geheim.
portal-vendor-address = Adresse des Lizenzportals
portal-vendor-address-hint = Die ganze Adresse, beginnend mit https://. Sie steht überall, wo ein Token abzugeben ist.
portal-vendor-search = Suche
portal-vendor-search-go = Suchen
portal-vendor-older = Ältere
portal-vendor-entitlement-add = Berechtigung anlegen
portal-vendor-entitlement-change = Berechtigung ändern
portal-vendor-entitlement-change-lead = Gewährte Laufzeiten bleiben, wie sie sind, bis zu ihrer nächsten Verlängerung. Was Sie leer lassen, fällt weg.
portal-vendor-entitlement-end = Berechtigung beenden
portal-vendor-entitlement-end-lead = Für immer. Gewährte Laufzeiten enden von selbst; keine wird verlängert.
portal-vendor-entitlement-end-go = Beenden
portal-vendor-sure = Ja, ich bin sicher
portal-vendor-overdraft = Überziehung
portal-vendor-overdraft-hint = Plätze über die Anzahl der Plätze hinaus.
portal-vendor-lease-hint = Zum Beispiel 30d, 2w, 1mo oder 1y. Leer: Offline wird nichts gewährt.
portal-vendor-grace-hint = Wie lange das Produkt nach dem Ende der Laufzeit weiterläuft. Darf leer sein.
portal-vendor-request-every-hint = Zum Beispiel 3: zwei Verlängerungstoken, dann eine Anforderung vom Computer selbst, damit eine Kopie seiner Lizenz auffällt. 1: jedes Mal eine Anforderung. Leer: Verlängerungstoken genügen.
portal-vendor-end-hint = Zum Beispiel 2027-12-31, bis zum Ende dieses Tages in UTC. Leer: kein Ende.
portal-vendor-values-hint = Je Zeile eine Angabe, zum Beispiel export=true.
portal-vendor-attributes = Attribute
portal-vendor-codes-own = Selbst gewählte Aktivierungscodes
portal-vendor-codes-own-hint = Einer je Zeile. Leer lassen, um einen Code mit 20 Zeichen zu erzeugen, der Tippfehler erkennen lässt.
portal-vendor-code-own = Ein selbst gewählter Aktivierungscode
portal-vendor-code-own-hint = Leer lassen, um einen Code mit 20 Zeichen zu erzeugen, der Tippfehler erkennen lässt.
portal-vendor-code-add = Code hinzufügen
portal-vendor-code-disable = Sperren
portal-vendor-code-disabled = gesperrt
portal-vendor-scope = Für wen die Lizenz gilt
portal-vendor-scope-user = Für ein Benutzerkonto
portal-vendor-scope-machine = Für alle an diesem Computer
portal-vendor-store = Wo sie aufbewahrt wird
portal-vendor-store-keyring = Im Schlüsselbund; wer keinen hat, kann eine Datei wählen
portal-vendor-store-file = In einer Datei
portal-vendor-store-only = Nur im Schlüsselbund
