# Was die Seite des Herstellers ablehnt, und was mit ihren Daten nicht stimmen kann. Die Kennung
# eines Fehlers ist sein Code mit Bindestrichen statt Punkten; der Wert sagt, was geschehen ist,
# `.action`, was als Nächstes zu tun ist.

# Die Daten des Herstellers: Schlüssel und Datenbank.

vendor-already_set_up = In { $folder } ist schon ein Hersteller eingerichtet.
    .action = Wählen Sie mit --data einen anderen Ordner, oder machen Sie mit dem Hersteller weiter, der dort ist.
vendor-not_set_up = In { $folder } ist kein Hersteller eingerichtet.
    .action = Führen Sie zuerst „latchkey-server init --vendor NAME“ aus, oder nennen Sie mit --data den richtigen Ordner.
vendor-keys_without_database = In { $folder } liegen Signaturschlüssel, aber keine Datenbank.
    .action = Beenden Sie zuerst das Portal und prüfen Sie, ob --data den richtigen Ordner nennt, bevor Sie etwas verschieben. Verschieben Sie dann den Datenordner unverändert an einen anderen Ort und bewahren Sie ihn auf. Spielen Sie mit „latchkey-server restore --from“ Ihre Sicherung an seiner Stelle zurück. Fehlt die Datenbank in einer Sicherung, verwenden Sie eine andere. Auch wenn Sie stattdessen neu anfangen, heben Sie den Ordner „keys“ gut auf: Produkte, die diese Schlüssel enthalten, brauchen sie.
data-not_written = { $path } kann nicht geschrieben werden: { $reason ->
        [missing] Den Ordner gibt es nicht
        [permission] Der Zugriff ist nicht erlaubt
        [read_only] Der Datenträger ist schreibgeschützt
        [full] Der Datenträger ist voll
        [exists] Die Datei gibt es schon
        [link] Es ist eine Verknüpfung
        [owner] Es gehört jemand anderem
        [not_private] Dieser Datenträger hält Dateien nicht geheim; alle auf diesem Computer könnten die Signaturschlüssel lesen
        [in_use] Ein anderes Programm benutzt die Datei gerade
       *[other] Das Betriebssystem hat es nicht zugelassen
    }.
    .action = { $reason ->
        [not_private] Wählen Sie einen Ordner auf einem Datenträger mit eigenen Zugriffsrechten, nicht auf einem von Windows (NTFS, exFAT, ein Windows-Ordner in WSL), oder lassen Sie ihn so einhängen, dass seine Dateien nur Ihnen gehören („umask=077“). Es hat sich nichts geändert.
        [in_use] Schließen Sie das andere Programm und versuchen Sie es noch einmal. Es hat sich nichts geändert.
       *[other] Schaffen Sie Platz oder geben Sie die nötigen Zugriffsrechte, dann versuchen Sie es noch einmal. Es hat sich nichts geändert.
    }
keys-missing = Der Signaturschlüssel { $file } fehlt.
    .action = Spielen Sie ihn aus Ihrer Sicherung zurück. Ohne den aktiven Schlüssel kann nichts gewährt werden.
keys-not_read = Der Signaturschlüssel { $file } kann nicht gelesen werden: { $reason ->
        [permission] Der Zugriff ist nicht erlaubt
        [folder] Es ist ein Ordner
        [link] Es ist eine Verknüpfung
        [owner] Es gehört jemand anderem
        [in_use] Ein anderes Programm benutzt die Datei gerade
       *[other] Das Betriebssystem hat es nicht zugelassen
    }.
    .action = { $reason ->
        [folder] Legen Sie die Datei des Schlüssels aus Ihrer Sicherung an die Stelle dieses Ordners.
        [link] Legen Sie die Datei selbst an die Stelle der Verknüpfung.
        [in_use] Schließen Sie das andere Programm und versuchen Sie es noch einmal.
       *[other] Führen Sie den Befehl unter dem Benutzerkonto aus, dem die Schlüssel gehören.
    }
keys-readable_by_others = Andere Benutzerkonten dürfen { $file } lesen oder ändern, obwohl nur das eigene das darf.
    .action = Setzen Sie zuerst die Rechte, denn vorher werden die Schlüssel nicht verwendet: „chmod 700“ für den Ordner der Schlüssel, „chmod 600“ für die Dateien darin, unter Windows im Reiter „Sicherheit“ der Eigenschaften nur dieses Benutzerkonto, SYSTEM und die Administratoren. Kann jemand den aktiven Schlüssel gelesen haben, betrachten Sie ihn als gestohlen und wechseln Sie die Schlüssel: „latchkey-server key rotate“. Lag auch der Reserveschlüssel in diesem Ordner, ist er ebenfalls nicht mehr sicher: Wechseln Sie die Schlüssel, liefern Sie Ihren Kunden sofort Produkte mit neuen Kits und wechseln Sie noch einmal, sobald die Kunden sie haben. In der ersten Stunde nach dem ersten Wechsel ändert ein zweiter nichts. Datenträger von Windows (NTFS, exFAT, ein Windows-Ordner in WSL) kennen diese Rechte meist nicht, dort ändert „chmod“ nichts. Legen Sie den Datenordner auf einen Datenträger, der sie kennt, oder lassen Sie den Datenträger mit „umask=077“ einhängen.
keys-malformed = { $file } ist kein Signaturschlüssel.
    .action = Spielen Sie die Datei aus Ihrer Sicherung zurück.
keys-not_ours = { $file } ist kein Schlüssel dieses Herstellers.
    .action = Spielen Sie die richtige Datei aus Ihrer Sicherung zurück. Schlüssel und Datenbank gehören zusammen.
keys-sealed = Der Signaturschlüssel { $file } ist mit einer Passphrase versiegelt, und es wurde keine angegeben.
    .action = Nennen Sie mit --passphrase-file eine Datei, in der sie steht, oder setzen Sie die Variable LATCHKEY_PASSPHRASE.
keys-wrong_passphrase = Der Signaturschlüssel { $file } lässt sich mit dieser Passphrase nicht öffnen.
    .action = Geben Sie die richtige an. Ein Schlüssel, der anderswo lag, als die übrigen versiegelt wurden, behält seine bisherige Passphrase: Versiegeln Sie alle mit dieser („latchkey-server key seal“). Ist die Passphrase richtig, so wurde die Datei verändert: Spielen Sie sie aus Ihrer Sicherung zurück.
keys-not_written = { $path } kann nicht geschrieben werden: { $reason ->
        [permission] Der Zugriff ist nicht erlaubt
        [read_only] Der Datenträger ist schreibgeschützt
        [full] Der Datenträger ist voll
        [exists] Eine Datei ist im Weg, die keiner Ihrer lesbaren Schlüssel ist
        [link] Es ist eine Verknüpfung
        [owner] Es gehört jemand anderem
        [not_private] Dieser Datenträger hält Dateien nicht geheim; alle auf diesem Computer könnten die Signaturschlüssel lesen
        [in_use] Ein anderes Programm benutzt die Datei gerade
       *[other] Das Betriebssystem hat es nicht zugelassen
    }.
    .action = { $reason ->
        [exists] Verschieben Sie diese Datei aus dem Ordner der Schlüssel, dann versuchen Sie es noch einmal. Nichts wird überschrieben, und Schlüssel werden am Inhalt erkannt: Andere Dateien brauchen Sie nicht umzubenennen.
        [link] Legen Sie den Ordner oder die Datei selbst an die Stelle der Verknüpfung, dann versuchen Sie es noch einmal.
        [owner] Führen Sie den Befehl unter dem Benutzerkonto aus, dem der Ordner der Schlüssel gehört. Hat die Datei anderswo noch einen Namen (als harter Link), legen Sie eine Kopie an ihre Stelle, denn sonst würde sie auch dort geändert.
        [in_use] Schließen Sie das andere Programm und versuchen Sie es noch einmal. Was begonnen wurde, wird dann beendet.
       *[other] Schaffen Sie Platz oder geben Sie die nötigen Zugriffsrechte, dann versuchen Sie es noch einmal. Was begonnen wurde, wird dann beendet.
    }
backup-exists = { $path } gibt es schon, und nichts wird überschrieben.
    .action = Wählen Sie einen anderen Ordner, oder verschieben Sie diesen zuerst.
backup-not_written = { $path } kann nicht geschrieben werden: { $reason ->
        [missing] Eine Datei oder ein Ordner fehlt
        [permission] Der Zugriff ist nicht erlaubt
        [read_only] Der Datenträger ist schreibgeschützt
        [full] Der Datenträger ist voll
        [exists] Eine Datei ist im Weg
        [link] Es ist eine Verknüpfung
        [owner] Es gehört jemand anderem
        [not_private] Dieser Datenträger hält Dateien nicht geheim; alle auf diesem Computer könnten die Signaturschlüssel lesen
        [in_use] Ein anderes Programm benutzt die Datei gerade
       *[other] Das Betriebssystem hat es nicht zugelassen
    }.
    .action = { $reason ->
        [not_private] Wählen Sie einen Ordner auf einem Datenträger mit eigenen Zugriffsrechten, nicht auf einem von Windows (NTFS, exFAT, ein Windows-Ordner in WSL), oder lassen Sie ihn so einhängen, dass seine Dateien nur Ihnen gehören („umask=077“). Es hat sich nichts geändert.
        [in_use] Schließen Sie das andere Programm und versuchen Sie es noch einmal. Es hat sich nichts geändert.
       *[other] Schaffen Sie Platz oder geben Sie die nötigen Zugriffsrechte, dann versuchen Sie es noch einmal. Es hat sich nichts geändert.
    }
operator-unknown = „{ $name }“ ist nicht als Bedienkonto angelegt.
    .action = „latchkey-server operator list“ zeigt die Bedienkonten.
operator-taken = Das Bedienkonto „{ $name }“ gibt es schon.
    .action = Wählen Sie einen anderen Namen.
operator-passphrase_short = Eine Passphrase hat { $least } bis { $most } Zeichen.
    .action = Wählen Sie eine andere. Mehrere Wörter sind eine gute Passphrase.
sign_in-refused = Name, Passphrase oder Zahl stimmt nicht.
    .action = Versuchen Sie es noch einmal. Nach fünf falschen Versuchen kann sich unter diesem Namen von Ihrer Adresse aus eine Viertelstunde lang niemand anmelden.
sign_in-locked = Es gab zu viele falsche Versuche. Bis { $until } kann sich unter diesem Namen von Ihrer Adresse aus niemand anmelden.
    .action = Warten Sie, melden Sie sich von anderswo an, oder lassen Sie mit „latchkey-server operator passphrase“ eine neue Passphrase setzen.
notice-none = Zum Platz { $seat } ist keine Meldung offen.
    .action = „latchkey-server notice list“ zeigt die Meldungen.
notice-no_returns = Zu vorzeitigen Rückgaben der Berechtigung { $entitlement } ist keine Meldung offen.
    .action = „latchkey-server notice list“ zeigt die Meldungen.
clock-behind = Die Uhr dieses Rechners zeigt { $now }, der neueste Eintrag ist aber vom { $newest }. Eines von beiden ist falsch, deshalb wird nichts gewährt.
    .action = Geht die Uhr falsch, stellen Sie sie richtig. Geht sie richtig, bestätigen Sie das mit „latchkey-server clock confirm“.
clock-ahead = Die Uhr dieses Rechners zeigt { $now }. Das { $days ->
        [one] ist ein Tag
       *[other] sind { $days } Tage
    } mehr, als sich durch den neuesten Eintrag vom { $newest } und die Betriebszeit des Rechners erklären lässt. Deshalb wird nichts gewährt.
    .action = Geht die Uhr falsch, stellen Sie sie richtig. Geht sie richtig, bestätigen Sie das mit „latchkey-server clock confirm“.
clock-disputed = Die Uhr dieses Rechners zeigt { $now }, diese Anforderung wurde nach der Uhr ihres Computers aber am { $request } erstellt, und der neueste Eintrag ist vom { $newest }. Sie wird nicht gewährt.
    .action = Prüfen Sie die Uhr dieses Rechners. Geht sie richtig, bestätigen Sie das mit „latchkey-server clock confirm“ und geben Sie die Anforderung noch einmal ab.
database-busy = Die Datenbank wird zu lange von einem anderen Programm benutzt.
    .action = Versuchen Sie es gleich noch einmal. Es hat sich nichts geändert.
database-full = Der Datenträger ist voll, deshalb kann die Datenbank nicht geschrieben werden.
    .action = Schaffen Sie Platz, dann versuchen Sie es noch einmal. Es hat sich nichts geändert.
database-read_only = Die Datenbank kann nicht geschrieben werden: Die Datei, ihr Ordner oder der Datenträger ist schreibgeschützt.
    .action = Geben Sie diesem Benutzerkonto dort Schreibrechte, dann versuchen Sie es noch einmal. Es hat sich nichts geändert.
database-readable_by_others = Andere Benutzerkonten dürfen { $file } lesen oder ändern, obwohl nur das eigene das darf.
    .action = Wenn niemand das ausgenutzt hat: „chmod 600“ für die Datei, unter Windows im Reiter „Sicherheit“ der Eigenschaften nur dieses Benutzerkonto, SYSTEM und die Administratoren. Kann jemand sie gelesen haben, vergeben Sie neue Aktivierungscodes, und richten Sie die zweiten Faktoren der Bedienkonten neu ein. Datenträger von Windows (NTFS, exFAT, ein Windows-Ordner in WSL) kennen diese Rechte meist nicht, dort ändert „chmod“ nichts. Legen Sie den Datenordner auf einen Datenträger, der sie kennt, oder lassen Sie den Datenträger mit „umask=077“ einhängen.
database-not_opened = Die Datenbank lässt sich nicht öffnen: { $reason }.
    .action = Prüfen Sie, ob der Datenordner vorhanden ist und dieses Benutzerkonto darin lesen und schreiben darf.
database-damaged = Die Datenbank ist beschädigt oder keine von Latchkey ({ $reason }).
    .action = Beenden Sie zuerst das Portal und prüfen Sie, ob --data den richtigen Ordner nennt, bevor Sie etwas verschieben. Verschieben Sie dann den Datenordner unverändert an einen anderen Ort und bewahren Sie ihn auf. Spielen Sie mit „latchkey-server restore --from“ Ihre Sicherung an seiner Stelle zurück. Ist die Sicherung selbst beschädigt, verwenden Sie eine andere.
database-newer = Die Datenbank stammt von einer neueren Version (Aufbau { $found }, diese Version kennt höchstens { $known }).
    .action = Aktualisieren Sie latchkey-server.
database-failed = Die Datenbank hat einen Fehler gemeldet: { $reason }.
    .action = Versuchen Sie es noch einmal. Geschieht das wieder, prüfen Sie, ob der Datenträger in Ordnung ist. Es hat sich nichts geändert.

# Produkte und Berechtigungen.

name-invalid = „{ $name }“ ist als Name nicht verwendbar.
    .action = Geben Sie einen Namen mit 1 bis { $limit } Zeichen ohne Zeilenumbruch an.
product-unknown = Es gibt kein Produkt { $product }.
    .action = „latchkey-server product list“ zeigt die Produkte.
product-name_taken = Es gibt schon ein Produkt „{ $name }“.
    .action = Wählen Sie einen anderen Namen.
feature-key_invalid = „{ $key }“ kann nicht der Schlüssel einer Funktion sein.
    .action = Ein Schlüssel beginnt mit einem Buchstaben und hat bis zu 40 Buchstaben, Ziffern, „_“ und „-“.
feature-key_twice = Zwei Funktionen können nicht beide „{ $key }“ heißen.
    .action = Wählen Sie Schlüssel, die sich nicht nur in Großschreibung, „_“ und „-“ unterscheiden.
feature-unknown = Das Produkt hat keine Funktion „{ $key }“.
    .action = { $count ->
        [0] Es hat keine Funktionen.
       *[other] Seine Funktionen sind: { $known }.
    }
feature-wrong_value = „{ $value }“ ist kein Wert für die Funktion „{ $key }“.
    .action = { $type ->
        [bool] Möglich sind „true“ und „false“.
       *[other] Möglich ist eine ganze Zahl von 0 bis 9223372036854775807.
    }
attribute-invalid = „{ $key }“ kann kein Attribut mit diesem Wert sein.
    .action = Schlüssel und Wert haben je mindestens ein Zeichen und keine Steuerzeichen.
terms-too_long = Funktionen und Attribute brauchen zusammen { $bytes } Bytes, in ein Token passen { $limit }.
    .action = Kürzen Sie Attribute oder lassen Sie welche weg.
entitlement-unknown = Es gibt keine Berechtigung { $entitlement }.
    .action = „latchkey-server entitlement list“ zeigt die Berechtigungen.
entitlement-seats_out_of_range = { $seats } kann keine Anzahl von Plätzen sein.
    .action = Geben Sie eine Zahl von 1 bis { $limit } an; die Überziehung darf 0 sein.
activation_code-taken = Der Aktivierungscode { $code } ist schon vergeben, vielleicht in anderer Schreibweise.
    .action = Wählen Sie einen anderen. O und 0, I, L und 1, U und V gelten als gleich, Bindestriche und Leerzeichen zählen nicht.

# Was abgelehnt wird.

code-unknown = Dieser Aktivierungscode ist nicht bekannt.
    .action = Vergleichen Sie ihn Zeichen für Zeichen mit dem Lieferschein. Den richtigen können Sie zur selben Anforderung angeben: im Lizenzportal oder mit activate --code.
code-disabled = Dieser Aktivierungscode wurde gesperrt.
    .action = Bitten Sie den Hersteller um einen anderen. Sie können ihn zur selben Anforderung angeben: im Lizenzportal oder mit activate --code.
code-own_is_valid = Der Aktivierungscode in dieser Anforderung ist gültig, deshalb gilt kein anderer für sie.
    .action = Geben Sie die Anforderung ohne anderen Code ab. Soll der Computer mit dem anderen Code aktiviert werden, erstellen Sie auf ihm damit eine neue Anforderung.
entitlement-ended = Diese Berechtigung ist beendet.
    .action = Bitten Sie den Hersteller um eine neue.
entitlement-subscription_over = Das Abonnement endete am { $end }.
    .action = Erneuern Sie das Abonnement und geben Sie das dann noch einmal ab.
entitlement-no_offline_lease = Diese Berechtigung kann nicht offline verwendet werden: Sie hat keine Offline-Laufzeit.
    .action = Bitten Sie den Hersteller, die Offline-Nutzung zu erlauben.
request-wrong_product = Dieser Aktivierungscode ist für { $belongs }, die Anforderung gehört aber zu { $asked }.
    .action = Geben Sie den Aktivierungscode für { $asked } an. Das geht zur selben Anforderung: im Lizenzportal oder mit activate --code.
request-changed = Diese Anforderung wurde schon einmal mit anderem Inhalt abgegeben.
    .action = Erstellen Sie auf dem Computer eine neue Anforderung.
seat-none_free = Kein Platz ist frei: { $count ->
        [one] Der einzige ist belegt
       *[other] Alle { $count } sind belegt
    }, mit diesem Ende der Laufzeit: { $seats }.
    .action = { $like ->
        [none] Deaktivieren Sie einen dieser Computer und geben Sie sein Deaktivierungstoken ab, oder warten Sie, bis eine Laufzeit abgelaufen ist. Weitere Plätze gibt es beim Hersteller zu kaufen.
        [several] Mehrere dieser Computer sehen aus wie der, von dem die Anforderung kommt, wie es bei Computern aus einem gemeinsamen Abbild ist. Ob einer der Plätze seiner war, lässt sich deshalb nicht sagen. Deaktivieren Sie einen dieser Computer und geben Sie sein Deaktivierungstoken ab, oder geben Sie den Platz eines Computers frei, den es nicht mehr gibt: „latchkey-server seat release“.
       *[other] Der Platz „{ $like_name }“ scheint zu diesem Computer selbst zu gehören, aus der Zeit vor einer Neuinstallation oder unter einem anderen Benutzerkonto. Um ihn zu übernehmen, geben Sie dieselbe Anforderung mit --take-over { $like } ab: Wer ihn jetzt hat, kann ihn dann nicht mehr verlängern. Sonst deaktivieren Sie einen dieser Computer und geben sein Deaktivierungstoken ab.
    }
device-copied = Zwei Computer benutzen dieselbe Kopie einer gespeicherten Lizenz.
    .action = Gibt es nur noch einen der beiden, weil die Lizenz auf ihn umgezogen ist oder Teile ausgetauscht wurden, erstellen Sie dort noch eine Anforderung, und zwar über „Mit Anforderung verlängern“, wenn seine Lizenz noch läuft, und immer noch eine, solange sie so abgelehnt wird. Damit behält der Computer seinen Platz. Werden beide benutzt, legen Sie die Kopie auf dem Computer beiseite, der sie hat: „doctor“ auf der Befehlszeile sagt dort, ob die Lizenz in einer Datei oder im Schlüsselbund liegt. Benennen Sie diese Datei um; oder speichern Sie den Inhalt des Eintrags dieses Produkts im Schlüsselbund in einer Datei, die nur Sie lesen können, und entfernen Sie den Eintrag erst danach. Erstellen Sie dort dann eine neue Anforderung für einen eigenen Platz. Bewahren Sie auf, was Sie beiseitegelegt haben, und lassen Sie den anderen Computer, wie er ist.
takeover-limit = Dieser Platz ist innerhalb von { $days } Tagen { $limit }-mal auf einen anderen Computer oder geänderte Hardware umgezogen; öfter ist nicht erlaubt.
    .action = Bitten Sie den Hersteller, den Platz freizugeben.
takeover-not_same_computer = Der Computer, von dem diese Anforderung kommt, sieht nicht aus wie der, der den Platz „{ $seat }“ hat.
    .action = Deaktivieren Sie den anderen Computer und geben Sie sein Deaktivierungstoken ab, oder bitten Sie den Hersteller, dessen Platz freizugeben.
takeover-several_alike = Die Computer anderer Plätze sehen dem, von dem diese Anforderung kommt, genauso ähnlich wie der des Platzes „{ $seat }“. Computer aus einem gemeinsamen Abbild sehen gleich aus, deshalb gilt keiner von ihnen als dieser.
    .action = Deaktivieren Sie den anderen Computer und geben Sie sein Deaktivierungstoken ab, oder bitten Sie den Hersteller, den Platz freizugeben, wenn es dessen Computer nicht mehr gibt.
takeover-other_entitlement = Der Platz { $seat } gehört nicht zu diesem Aktivierungscode.
    .action = Wählen Sie einen der Plätze dieses Aktivierungscodes.
takeover-has_seat = Dieser Computer hat schon einen Platz dieses Aktivierungscodes: { $seat }, „{ $name }“.
    .action = Geben Sie dieselbe Anforderung ohne --take-over ab, um diesen Platz wieder zu bekommen. Wird der andere Platz nicht mehr gebraucht, geben Sie ihn frei.
seat-unknown = Es gibt keinen Platz { $seat }.
    .action = Vergleichen Sie die Nummer mit der auf dem Bildschirm des Computers.
seat-reused = Der Platz wird inzwischen von einem anderen Computer benutzt.
    .action = Aktivieren Sie diesen Computer noch einmal: Erstellen Sie darauf eine neue Anforderung, und zwar über „Mit Anforderung verlängern“, wenn seine Lizenz noch läuft.
seat-deactivated = Der Platz wurde deaktiviert.
    .action = Um ihn wieder zu benutzen, erstellen Sie auf dem Computer eine neue Anforderung.
seat-released = Der Hersteller hat diesen Platz freigegeben.
    .action = Erstellen Sie auf dem Computer eine neue Anforderung, und zwar über „Mit Anforderung verlängern“, wenn seine Lizenz noch läuft. Oder fragen Sie den Hersteller.
refresh-needs_request = Diese Verlängerung braucht eine Anforderung vom Computer selbst, wie { $every ->
        [1] jede Verlängerung dieser Lizenz
       *[other] jede { $every }. Verlängerung dieser Lizenz
    }. Ein Verlängerungstoken genügt nicht.
    .action = Wählen Sie auf dem Computer „Mit Anforderung verlängern“, oder führen Sie dort „request --renew“ auf der Befehlszeile aus. Geben Sie die Anforderung ab und wenden Sie die Antwort an. Bis dahin ändert sich nichts.
deactivation-superseded = Dieses Deaktivierungstoken ist älter als die neueste Aktivierung seines Platzes.
    .action = Es hat sich nichts geändert. Um den Platz zurückzugeben, deaktivieren Sie auf dem Computer und geben Sie das neue Token ab.
deactivation-other_device = Dieses Deaktivierungstoken ist nicht von dem Computer, der den Platz hat.
    .action = Geben Sie das Token ab, das auf jenem Computer erstellt wurde.
deactivation-unknown_device = Dieses Deaktivierungstoken ist von einem Computer, der hier nie einen Platz hatte.
    .action = Geben Sie es bei dem Hersteller ab, mit dessen Produkt es erstellt wurde.
token-not_for_this_vendor = Dieses Token ist für einen anderen Hersteller (Schlüssel { $key }).
    .action = Geben Sie es in dem Portal ab, das der Computer nennt.
token-key_offline = Dieses Token ist für den Signaturschlüssel { $key }, der nicht auf diesem Rechner liegt.
    .action = Legen Sie die Datei des Schlüssels zurück in den Ordner „keys“ und geben Sie das Token dann noch einmal ab.
lease-not_granted = Die Laufzeit lässt sich nicht berechnen: Ihr Ende läge nach dem Jahr 9999.
    .action = Kürzen Sie die Offline-Laufzeit oder die Nachfrist dieser Berechtigung.
