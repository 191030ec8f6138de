# Was an einem Token und seinem Text falsch sein kann. Die Kennung eines Fehlers ist sein Code mit
# Bindestrichen statt Punkten; der Wert sagt, was geschehen ist, `.action`, was als Nächstes zu tun
# ist.

kind-request = Anforderungstoken
kind-response = Antworttoken
kind-refresh = Verlängerungstoken
kind-deactivation = Deaktivierungstoken

# Zeilennummern in einem Satz: „1, 4 bis 6 und 9“.
numbers-run = { $first } bis { $last }
numbers-and = { $before } und { $last }

text-too_large = Dieser Text ist zu groß: { $bytes } Bytes, gelesen werden höchstens { $limit }.
    .action = Verteilen Sie ihn auf mehrere Dateien und geben Sie eine nach der anderen ab.
text-too_many_tokens = In diesem Text sind mehr als { $limit } Token.
    .action = Verteilen Sie ihn auf mehrere Dateien und geben Sie eine nach der anderen ab.
text-too_much_work = Diesen Text zu durchsuchen ist zu aufwendig. Bei einem Text, der nur Token enthält, kommt das nicht vor.
    .action = Geben Sie nur das Token selbst ab, ohne den Text davor und danach.
text-empty = Dieser Text ist leer.
    .action = Speichern Sie das Token noch einmal, oder kopieren Sie das Token selbst.
text-picture = Bilder dieser Art ({ $format }) können hier nicht gelesen werden.
    .action = Speichern Sie es als JPEG oder PNG, oder machen Sie einen Screenshot davon, und geben Sie den ab: Der QR-Code darin wird gelesen. Oder kopieren Sie das Token selbst.
text-picture_parts = Von { $count } Seiten, Einzelbildern oder angehängten Bildern wurden nur die ersten { $looked } durchsucht.
    .action = Speichern Sie die Seite oder das Bild mit dem QR-Code als eigene Datei, und geben Sie die ab.
text-encrypted = Das ist verschlüsselt ({ $format }): Nur das Programm der Person, an die es ging, kann den Inhalt zeigen.
    .action = Öffnen Sie es in Ihrem Mailprogramm, kopieren Sie dort das Token und fügen Sie es als Text ein.
text-attached = Im Text dieser Mail steht kein Token, aber { $what ->
        [picture] ein Bild ist angehängt
        [document] ein Dokument ist angehängt
        [archive] ein Archiv ist angehängt
       *[file] eine Datei ist angehängt
    }: { $name }.
    .action = { $what ->
        [picture] Speichern Sie das Bild aus Ihrem Mailprogramm und geben Sie es ab: Der QR-Code darin wird gelesen.
        [document] Öffnen Sie den Anhang, kopieren Sie das Token und fügen Sie es als Text ein.
        [archive] Entpacken Sie den Anhang und geben Sie die Datei daraus ab.
       *[file] Speichern Sie den Anhang aus Ihrem Mailprogramm und geben Sie ihn ab.
    }
text-other_code = Der QR-Code in diesem Bild enthält { $what ->
        [link] einen Link zu { $said }
        [wifi] den Zugang zu einem WLAN
        [login] einen Schlüssel für eine Anmeldung
        [contact] einen Kontakt
        [appointment] einen Termin
        [payment] eine Zahlung
       *[text] einen Text von { $characters } Zeichen
    }, aber weder ein Token noch einen Aktivierungscode.
    .action = Nehmen Sie das Bild mit dem QR-Code Ihres Tokens – oder mit dem Ihres Aktivierungscodes, wenn danach gefragt ist.
text-code_instead = Der QR-Code in diesem Bild enthält einen Aktivierungscode und kein Token.
    .action = Geben Sie den Code zu Beginn der Aktivierung ein. Hierher gehört das Token, das damit erstellt wird.
text-codes_unread = { $count ->
        [one] Ein weiterer QR-Code in diesem Bild ist nicht lesbar.
       *[other] { $count } weitere QR-Codes in diesem Bild sind nicht lesbar.
    } Die übrigen Codes werden verwendet.
    .action = Fehlt etwas, nehmen Sie ein Bild auf, in dem jeder Code scharf, vollständig und gleichmäßig beleuchtet ist, oder eines je Code.
text-code_parts = Von { $count } QR-Codes, die zusammengehören, sind hier nur { $have } lesbar.
    .action = Geben Sie alle zusammen ab, in einem Bild oder in mehreren, oder kopieren Sie das Token selbst.
text-archive = Das ist ein Archiv ({ $format }), kein Text.
    .action = Entpacken Sie es und geben Sie die Datei ab, die darin war.
text-document = Das ist ein Dokument ({ $format }), kein Text.
    .action = Öffnen Sie es, kopieren Sie das Token und fügen Sie es als Text ein. Zeigt es das Token nur als QR-Code, machen Sie einen Screenshot davon und geben Sie den ab.
text-program = Das ist kein Text, sondern etwas anderes: { $format }.
    .action = Wählen Sie die Datei, in der das Token gespeichert wurde.
text-binary = Das ist kein Text und auch keine andere bekannte Art von Datei.
    .action = Wählen Sie die Datei, in der das Token gespeichert wurde, oder kopieren Sie das Token selbst.
token-none_found = In diesem Text ist kein Token.
    .action = Kopieren Sie das ganze Token. Es ist eine lange Reihe aus Buchstaben und Ziffern, die mit LK beginnt.
token-no_beginning = Diesem Token fehlt sein Anfang.
    .action = Kopieren Sie es noch einmal, von den Buchstaben LK am Anfang bis zum letzten Zeichen.
token-beginning_damaged = Der Anfang dieses Tokens ist beschädigt.
    .action = Kopieren Sie es noch einmal, oder vergleichen Sie die ersten 14 Zeichen mit dem Original.
token-length = Dieses Token soll { $bytes } Bytes lang sein. So lang ist kein Token.
    .action = Kopieren Sie es noch einmal von dort, wo es zuerst angezeigt wurde.
token-damaged = { $count ->
        [one] Zeile { $rows } von { $of } ist beschädigt.
       *[other] Die Zeilen { $rows } von { $of } sind beschädigt.
    }
    .action = Kopieren Sie das Token noch einmal, oder vergleichen Sie diese Zeilen mit dem Original.
token-truncated = Das Token ist unvollständig: { $have } von { $of } Zeilen sind da.
    .action = Kopieren Sie es noch einmal, bis zum letzten Zeichen.
token-rows_missing = { $count ->
        [one] Zeile { $rows } von { $of } fehlt.
       *[other] Die Zeilen { $rows } von { $of } fehlen.
    }
    .action = Kopieren Sie das Token noch einmal, oder ergänzen Sie, was fehlt, aus dem Original.
token-damaged_and_missing = { $damaged_count ->
        [one] Zeile { $damaged } ist beschädigt
       *[other] Die Zeilen { $damaged } sind beschädigt
    }, und { $missing_count ->
        [one] Zeile { $missing } fehlt
       *[other] die Zeilen { $missing } fehlen
    }. Das Token hat { $of } Zeilen.
    .action = Kopieren Sie das Token noch einmal, oder vergleichen Sie diese Zeilen mit dem Original.
token-run_together = Zwei Token gehen ineinander über. Vom ersten sind { $have } von { $of } Zeilen da.
    .action = Kopieren Sie jedes für sich noch einmal, von den Buchstaben LK bis zum letzten Zeichen.
token-symbols_missing = { $count ->
        [one] In Zeile { $row } von { $of } fehlt ein Zeichen.
       *[other] In Zeile { $row } von { $of } fehlen { $count } Zeichen.
    }
    .action = Kopieren Sie das Token noch einmal, oder vergleichen Sie diese Zeile mit dem Original.
token-symbols_added = { $count ->
        [one] In Zeile { $row } von { $of } ist ein Zeichen zu viel.
       *[other] In Zeile { $row } von { $of } sind { $count } Zeichen zu viel.
    }
    .action = Kopieren Sie das Token noch einmal, oder vergleichen Sie diese Zeile mit dem Original.
token-frames_missing = { $count ->
        [one] Bild { $frames } von { $of } fehlt.
       *[other] Die Bilder { $frames } von { $of } fehlen.
    }
    .action = Dieses Token ist auf mehrere Bilder verteilt. Fügen Sie hinzu, was fehlt, in beliebiger Reihenfolge.
token-digest = Die Zeilen dieses Tokens gehören nicht zusammen.
    .action = Kopieren Sie das ganze Token noch einmal von einer Stelle.
token-suite = Dieses Token stammt von einer neueren Version (Suite { $suite }).
    .action = Aktualisieren Sie dieses Programm und geben Sie das Token dann noch einmal ab.
token-type = Dieses Token ist von einer Art, die diese Version nicht kennt ({ $kind }).
    .action = Aktualisieren Sie dieses Programm und geben Sie das Token dann noch einmal ab.
token-prefix_mismatch = Anfang und Inhalt dieses Tokens nennen verschiedene Arten.
    .action = Kopieren Sie das ganze Token noch einmal von einer Stelle.
token-wrong_kind = Das ist ein { $found ->
        [request] Anforderungstoken
        [response] Antworttoken
        [refresh] Verlängerungstoken
       *[deactivation] Deaktivierungstoken
    }. Hierher gehört ein { $expected ->
        [request] Anforderungstoken
        [response] Antworttoken
        [refresh] Verlängerungstoken
       *[deactivation] Deaktivierungstoken
    }.
    .action = { $found ->
        [request] Bringen Sie es zum Lizenzportal. Was Sie dort zurückbekommen, gehört hierher.
        [deactivation] Bringen Sie es zum Lizenzportal. Dort wird der Platz damit zurückgegeben.
       *[other] Bringen Sie es zu dem Computer, für den es erstellt wurde.
    }
token-other_recipient = Dieses Token ist nicht für diese Stelle bestimmt (Schlüssel { $key }).
    .action = Suchen Sie das Token, das hierher gehört.
token-decryption = Dieses Token lässt sich nicht öffnen. Es wurde unterwegs verändert.
    .action = Kopieren Sie es noch einmal von dort, wo es zuerst angezeigt wurde.
token-encoding = Der Inhalt dieses Tokens ist fehlerhaft ({ $reason }).
    .action = Fordern Sie ein neues Token an. Geschieht das wieder, schicken Sie das Token an den Support des Herstellers.
token-field = Der Inhalt dieses Tokens ist unvollständig (Feld { $field }).
    .action = Fordern Sie ein neues Token an. Geschieht das wieder, schicken Sie das Token an den Support des Herstellers.
token-critical_field = Dieses Token enthält etwas, das diese Version nicht übergehen darf (Feld { $field }).
    .action = Aktualisieren Sie dieses Programm und geben Sie das Token dann noch einmal ab.
token-unknown_signer = Dieses Token wurde mit einem Schlüssel signiert, der hier nicht bekannt ist ({ $key }).
    .action = Prüfen Sie, ob es vom Hersteller dieses Produkts kommt. Nach einem Schlüsselwechsel aktualisieren Sie dieses Programm und seine Konfiguration.
token-weak_key = Dieses Token enthält einen Schlüssel, der nicht sicher ist.
    .action = Erstellen Sie auf dem Computer, von dem es kommt, eine neue Anforderung.
token-signature = Die Signatur dieses Tokens ist nicht echt.
    .action = Verwenden Sie dieses Token nicht. Fordern Sie dort, wo es herkommt, ein neues an.
token-too_long = Der Inhalt ist zu groß für ein Token ({ $bytes } Bytes).
    .action = Kürzen Sie den Platznamen, oder lassen Sie den Hersteller Attribute entfernen.
token-encryption = Das Token ließ sich nicht verschlüsseln.
    .action = Prüfen Sie den Schlüssel des Empfängers in der Konfiguration.
activation_code-empty = Es wurde kein Aktivierungscode angegeben.
    .action = Geben Sie den Aktivierungscode ein, den Sie mit Ihrer Lizenz bekommen haben.
activation_code-too_long = Der Aktivierungscode hat { $symbols } Zeichen, höchstens 32 sind möglich.
    .action = Geben Sie nur den Aktivierungscode ein, ohne anderen Text.
activation_code-symbol = Der Aktivierungscode enthält „{ $found }“. Das kommt in keinem Aktivierungscode vor.
    .action = Verwenden Sie nur die Buchstaben A bis Z, Ziffern und Bindestriche.
activation_code-unclear = Hier stehen mehrere Wörter, die der Aktivierungscode sein könnten.
    .action = Geben Sie nur den Code ein, ohne anderen Text.
activation_code-groups = Im Aktivierungscode ist vermutlich ein Tippfehler: in { $count ->
        [one] Gruppe { $groups }
       *[other] den Gruppen { $groups }
    }.
    .action = Vergleichen Sie ihn mit dem, was Sie bekommen haben. Steht er dort genauso, verwenden Sie ihn unverändert.
activation_code-missing = Im Aktivierungscode { $symbols ->
        [one] fehlt vermutlich ein Zeichen
       *[other] fehlen vermutlich { $symbols } Zeichen
    }, in oder nach Gruppe { $group }.
    .action = Vergleichen Sie ihn mit dem, was Sie bekommen haben: Der ganze Code hat vier Gruppen zu je fünf Zeichen. Steht er dort genauso, verwenden Sie ihn unverändert.
activation_code-added = Der Aktivierungscode hat vermutlich { $symbols ->
        [one] ein Zeichen
       *[other] { $symbols } Zeichen
    } zu viel.
    .action = Vergleichen Sie ihn mit dem, was Sie bekommen haben: Ein solcher Code hat vier Gruppen zu je fünf Zeichen. Steht er dort genauso, verwenden Sie ihn unverändert.
activation_code-sentence = Das sieht nach Wörtern eines Textes aus, nicht nach einem Aktivierungscode.
    .action = Geben Sie nur den Code ein, so wie Sie ihn bekommen haben. Ist es der Code, verwenden Sie ihn unverändert.
activation_code-placeholder = Das sieht nach einem Beispiel für einen Aktivierungscode aus, nicht nach Ihrem eigenen.
    .action = Geben Sie den Aktivierungscode ein, den Sie mit Ihrer Lizenz bekommen haben. Ist es der Code, verwenden Sie ihn unverändert.
activation_code-begins_like_token = Dieser Aktivierungscode beginnt wie ein { $kind ->
        [request] Anforderungstoken
        [response] Antworttoken
        [refresh] Verlängerungstoken
       *[deactivation] Deaktivierungstoken
    }.
    .action = Geben Sie den Aktivierungscode ein, den Sie mit Ihrer Lizenz bekommen haben, nicht einen Teil eines Tokens. Ist es der Code, verwenden Sie ihn unverändert.
activation_code-token = Das ist ein { $kind ->
        [request] Anforderungstoken
        [response] Antworttoken
        [refresh] Verlängerungstoken
       *[deactivation] Deaktivierungstoken
    }, kein Aktivierungscode.
    .action = { $kind ->
        [response] Wenden Sie es stattdessen an. Zu einer Anforderung gehört der Aktivierungscode, den Sie mit Ihrer Lizenz bekommen haben.
        [refresh] Wenden Sie es stattdessen an. Zu einer Anforderung gehört der Aktivierungscode, den Sie mit Ihrer Lizenz bekommen haben.
       *[other] Bringen Sie es zum Lizenzportal. Zu einer Anforderung gehört der Aktivierungscode, den Sie mit Ihrer Lizenz bekommen haben.
    }
seat_name-too_long = Der Platzname ist zu lang: { $bytes } Bytes, höchstens 64 passen hinein.
    .action = Wählen Sie einen kürzeren Namen.
seat_name-control = Der Platzname enthält einen Zeilenumbruch oder ein anderes Steuerzeichen.
    .action = Schreiben Sie ihn in eine Zeile.
system-randomness = Das Betriebssystem hat keine Zufallszahlen geliefert.
    .action = Starten Sie den Computer neu und versuchen Sie es noch einmal.
key-malformed = Das ist kein öffentlicher Schlüssel.
    .action = Nehmen Sie den Schlüssel noch einmal aus dem Kit des Herstellers.
key-weak = Dieser Schlüssel ist nicht sicher und kann nicht verwendet werden.
    .action = Nehmen Sie den Schlüssel noch einmal aus dem Kit des Herstellers.
key-signature = Die Signatur ist nicht echt.
    .action = Fordern Sie dort, wo es herkommt, ein neues Token an.
id-not_hex = Das ist keine Kennung aus { $digits } Hexadezimalziffern.
    .action = Kopieren Sie die Kennung so, wie sie aufgeführt ist.
