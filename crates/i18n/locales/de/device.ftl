# Was auf dem Computer schiefgehen kann. Die Kennung eines Fehlers ist sein Code mit Bindestrichen
# statt Punkten; der Wert sagt, was geschehen ist, `.action`, was als Nächstes zu tun ist.

## Das Leben der Lizenz

lease-active = Diese Lizenz ist aktiv bis { $until }, deshalb gibt es nichts anzufordern.
    .action = Zum Verlängern holen Sie ein Verlängerungstoken aus dem Lizenzportal, oder wählen Sie „Mit Anforderung verlängern“ (auf der Befehlszeile „request --renew“), wenn der Hersteller eine Anforderung verlangt. Für den Umzug auf einen anderen Computer deaktivieren Sie die Lizenz zuerst hier und geben das Deaktivierungstoken ab.
lease-not_activated = Auf diesem Computer gibt es keine Lizenz, die deaktiviert werden könnte.
    .action = Falls ein Deaktivierungstoken noch nicht abgegeben ist, liegt es noch im Ausgang.
lease-already_over = Nach der Uhr dieses Computers, { $now }, ist die Laufzeit in diesem Token schon zu Ende: Sie endete am { $lease_expiry }. Hier hat sich nichts geändert.
    .action = Geht die Uhr falsch, stellen Sie sie richtig und verwenden Sie dasselbe Token noch einmal. Geht sie richtig, holen Sie ein neues Token aus dem Lizenzportal: ein neues Verlängerungstoken oder die Antwort auf eine neue Anforderung.
lease-nothing_to_renew = Auf diesem Computer gibt es keine Lizenz, die verlängert werden könnte.
    .action = Aktivieren Sie zuerst: Erstellen Sie eine Anforderung ohne --renew und bringen Sie sie zum Lizenzportal.
response-not_pending = Diese Antwort gehört zu keiner Anforderung, die hier wartet.
    .action = Erstellen Sie eine neue Anforderung und bringen Sie sie zum Lizenzportal. Eine Antwort auf eine Anforderung, die verworfen wurde oder aus der Zeit vor einer Aktivierung stammt, kann nicht mehr verwendet werden.
response-older = Diese Antwort, gewährt am { $activated_at }, ist älter als die Verlängerung, die hier verwendet wird.
    .action = Es ist nichts zu tun. Wenn das Portal für die nächste Verlängerung noch eine Anforderung verlangt, erstellen Sie eine neue.
refresh-older = Dieses Verlängerungstoken, ausgestellt am { $issued_at }, ist älter als das, was hier verwendet wird.
    .action = Es ist nichts zu tun. Um die Laufzeit zu verlängern, holen Sie ein neues Verlängerungstoken aus dem Lizenzportal.
refresh-other_seat = Dieses Verlängerungstoken ist für den Platz { $seat }, dieser Computer hat aber den Platz { $here }.
    .action = Wählen Sie im Lizenzportal den Platz { $here } und holen Sie dessen Verlängerungstoken.
refresh-not_activated = Das ist ein Verlängerungstoken, aber auf diesem Computer gibt es keine Lizenz, die es verlängern könnte.
    .action = Aktivieren Sie zuerst: Erstellen Sie eine Anforderung und bringen Sie sie zum Lizenzportal.
token-other_computer = Dieses Token ist für einen anderen Computer oder für ein anderes Benutzerkonto auf diesem.
    .action = Verwenden Sie es dort, wo seine Anforderung erstellt wurde. Für diesen Computer geben Sie die Anforderung ab, die hier angezeigt wird.
token-other_product = Dieses Token ist für ein anderes Produkt auf diesem Computer: { $product }.
    .action = Verwenden Sie es im Lizenzfenster von { $product }.
token-other_vendor = Dieses Token ist für das Produkt eines anderen Herstellers auf diesem Computer: { $product } von { $vendor }.
    .action = Verwenden Sie es im Lizenzfenster von { $product }.
outbox-full = { $entries } Deaktivierungstoken sind noch nicht abgegeben.
    .action = Bringen Sie eines davon zum Lizenzportal. Bestätigen Sie das hier erst, wenn das Portal es angenommen hat, denn danach lässt sich das Token nicht mehr anzeigen. Erstellen Sie dann die Anforderung.
outbox-no_such_entry = Hier wartet kein Deaktivierungstoken mit dieser Kennung.
    .action = Sehen Sie noch einmal in die Liste: Vielleicht ist es schon bestätigt.

## Der Schlüsselbund

store-no_session = Der Schlüsselbund dieses Computers ist nicht erreichbar: Hier läuft keine Desktop-Sitzung (unter Linux: kein D-Bus-Sitzungsbus).
    .action = Melden Sie sich am Desktop an und versuchen Sie es noch einmal.
store-no_service = In dieser Sitzung gibt es keinen Schlüsselbund (keinen Secret Service).
    .action = Installieren Sie GNOME Keyring, KWallet oder einen anderen und melden Sie sich neu an.
store-not_initialised = Der Schlüsselbund dieses Computers wurde noch nie eingerichtet.
    .action = Öffnen Sie „Passwörter und Verschlüsselung“ oder das Programm Ihres Desktops dafür und legen Sie einen Standard-Schlüsselbund an. Versuchen Sie es dann noch einmal.
store-locked = Der Schlüsselbund dieses Computers ist gesperrt.
    .action = Entsperren Sie ihn mit Ihrem Anmeldepasswort und versuchen Sie es noch einmal.
store-denied = Der Schlüsselbund dieses Computers ist gesperrt und seine Abfrage blieb unbeantwortet, oder er hat den Zugriff verweigert.
    .action = Versuchen Sie es noch einmal und beantworten Sie die Abfrage des Schlüsselbunds mit Ihrem Anmeldepasswort.
store-too_large = Die Lizenz hat { $bytes } Bytes, mehr als der Schlüsselbund dieses Computers aufnimmt.
    .action = Sagen Sie dem Hersteller Bescheid: Mit weniger Funktionen oder Attributen passt sie hinein.
store-keyring = Der Schlüsselbund dieses Computers meldet einen Fehler: { $reason }
    .action = Versuchen Sie es noch einmal. Geschieht das wieder, wenden Sie sich mit dieser Meldung an Ihre IT.
store-session_only = Der Schlüsselbund dieses Computers würde die Lizenz beim Abmelden vergessen: Der Standard-Schlüsselbund gilt nur für diese Sitzung.
    .action = Öffnen Sie „Passwörter und Verschlüsselung“ oder das Programm Ihres Desktops dafür, legen Sie einen Schlüsselbund an und machen Sie ihn zum Standard. Versuchen Sie es dann noch einmal. Oder bewahren Sie die Lizenz in einer Datei auf, wenn der Hersteller das erlaubt.
store-no_answer = Der Schlüsselbund dieses Computers antwortet nicht. Vielleicht wartet er auf sein Passwort, oder sein Programm hängt.
    .action = Fragt ein Fenster nach einem Passwort, geben Sie es dort ein. Versuchen Sie es dann noch einmal; hilft das nicht, melden Sie sich ab und wieder an.
store-forked = Der Schlüsselbund dieses Computers ist hier nicht lesbar: Dieser Prozess entstand durch fork aus einem, der schon mit ihm verbunden war oder sich gerade verband.
    .action = Sagen Sie dem Hersteller Bescheid. Die Entwickler des Produkts können die Lizenz erst in den Arbeitsprozessen prüfen und nicht vor dem fork, diese als neue Programme starten oder die Lizenz in einer Datei aufbewahren.
store-unsupported = Dieses Programm kennt auf diesem System keinen Schlüsselbund.
    .action = Fragen Sie den Hersteller, wie die Lizenz auf diesem System aufbewahrt werden kann.

## Die Datei

store-file_forbidden = Der Hersteller erlaubt es nicht, die Lizenz in einer Datei aufzubewahren.
    .action = Nehmen Sie den Schlüsselbund, oder fragen Sie den Hersteller.
store-no_folder = Dieses Benutzerkonto hat keinen eigenen Ordner, in dem die Lizenz aufbewahrt werden könnte.
    .action = Melden Sie sich mit einem Konto an, das einen eigenen Ordner hat, oder setzen Sie HOME.
store-no_machine_id = Diese Installation des Betriebssystems hat keine Kennung, und keine Seriennummer dieses Computers ist lesbar. Deshalb kann keine Datei an ihn gebunden werden.
    .action = Unter Linux hilft „systemd-machine-id-setup“, ausgeführt mit Administratorrechten. Versuchen Sie es dann noch einmal.
store-other_machine = Die Lizenz in { $path } gehört zu einem anderen Computer, oder zu diesem, bevor zu viel an ihm ausgetauscht wurde.
    .action = Lassen Sie die Datei, wo sie ist, denn der andere Computer braucht sie. Ist es die Lizenz für alle auf diesem Computer, öffnet jemand mit Administratorrechten einmal das Lizenzfenster. Sonst aktivieren Sie diesen Computer mit einer eigenen Anforderung und lassen diesen Pfad weg (auf der Befehlszeile „--store file request“). Ist es derselbe Computer, bauen Sie das alte Teil wieder ein, oder bitten Sie den Hersteller, den alten Platz freizugeben.
store-read_only = { $path } kann nicht geschrieben werden: Der Datenträger ist schreibgeschützt.
    .action = Heben Sie den Schreibschutz auf. Es hat sich nichts geändert.
store-full = { $path } kann nicht geschrieben werden: Der Datenträger ist voll.
    .action = Schaffen Sie Platz und versuchen Sie es noch einmal. Es hat sich nichts geändert.
store-permission = { $owner ->
        [none] Der Zugriff auf { $path } ist nicht erlaubt.
       *[other] Der Zugriff auf { $path } ist nicht erlaubt: In Ihrem persönlichen Ordner gehört { $folder } dem Benutzerkonto { $owner }. Vermutlich wurde dort einmal ein Programm mit „sudo“ ausgeführt.
    }
    .action = { $owner ->
        [none] Wenden Sie sich an Ihre IT. Eine Lizenz für alle auf diesem Computer wird mit Administratorrechten aktiviert.
       *[other] Holen Sie ihn mit „{ $command }“ zurück, oder bitten Sie Ihre IT darum. Versuchen Sie es dann noch einmal.
    }
store-no_key = Der Schlüssel { $path }, der zu dieser Lizenz gehört, fehlt.
    .action = Spielen Sie ihn mit Administratorrechten aus einer Sicherung zurück. Gibt es keine, gilt die Lizenz noch bis zum Ende ihrer Laufzeit. Benennen Sie danach die Datei der Lizenz um, bewahren Sie sie auf, aktivieren Sie noch einmal und bitten Sie den Hersteller, den alten Platz freizugeben.
store-link = { $path } ist eine Verknüpfung mit einer anderen Datei.
    .action = Geben Sie die Datei an, auf die sie verweist.
store-windows_path = { $path } ist ein Windows-Pfad; auf diesem System wäre das der Name einer einzelnen Datei.
    .action = Geben Sie einen Pfad dieses Systems an, zum Beispiel /home/kim/lizenz.
store-other_owner = { $path } gehört einem anderen Benutzerkonto, mit dem dort alles Mögliche abgelegt worden sein könnte, und wird deshalb nicht verwendet.
    .action = Bitten Sie Ihre IT, nachzusehen. Ist es die Lizenz dieses Computers, etwa weil Dateien kopiert oder zurückgespielt wurden, kann die IT es wieder dem richtigen Benutzerkonto zuordnen. Sonst lassen Sie es an einen sicheren Ort verschieben und dort aufbewahren, aktivieren Sie noch einmal und bitten Sie den Hersteller, den alten Platz freizugeben, falls es einen gab.
store-open_to_others = Andere Benutzerkonten dürfen { $path } ändern oder, obwohl der Inhalt geheim ist, lesen. Deshalb wird es nicht verwendet.
    .action = Bitten Sie Ihre IT, dieses Zugriffsrecht zu entziehen. Könnte jemand die Datei gelesen oder geändert haben, sagen Sie dem Hersteller Bescheid. Ein Datenträger, der keine Zugriffsrechte kennt, etwa ein Speicherstick oder eine Kamerakarte, ist kein Ort dafür.
store-file = { $path } ist nicht benutzbar: { $reason ->
        [not_folder] Eine Datei steht im Weg, wo einer der Ordner dieses Pfads sein müsste
        [folder] Es ist ein Ordner und keine Datei
        [not_file] Es ist keine Datei
        [loop] Verknüpfungen in diesem Pfad führen im Kreis
        [too_long] Der Name ist zu lang für diesen Datenträger
        [missing] Ein Ordner dieses Pfads fehlt
        [device] Der Datenträger hat beim Lesen oder Schreiben versagt
        [gone] Der Netzwerkordner ist nicht mehr da
        [in_use] Ein anderes Programm benutzt die Datei gerade
       *[other] { $reason }
    }.
    .action = { $reason ->
        [not_folder] Benennen Sie diese Datei um oder verschieben Sie sie, und versuchen Sie es noch einmal.
        [device] Lassen Sie den Datenträger prüfen, und versuchen Sie es noch einmal.
        [gone] Verbinden Sie den Netzwerkordner wieder, und versuchen Sie es noch einmal.
        [in_use] Schließen Sie das andere Programm, und versuchen Sie es noch einmal.
        [folder] Ergänzen Sie diesen Pfad um den Namen einer Datei.
       *[other] Prüfen Sie diesen Pfad, und versuchen Sie es noch einmal.
    }

## Was aufbewahrt wird

store-damaged = { $place ->
        [file] Was in { $path } steht, ist keine Lizenz, oder es wurde beschädigt.
        [item] Was der Schlüsselbund als „{ $path }“ aufbewahrt, ist keine Lizenz, oder es wurde beschädigt.
       *[unknown] Was hier aufbewahrt wird, ist keine Lizenz, oder es wurde beschädigt.
    }
    .action = { $place ->
        [item] Spielen Sie eine Sicherung des Schlüsselbunds zurück, falls es eine gibt. Sonst speichern Sie den Inhalt dieses Eintrags in einer Datei, die nur Sie lesen können, und bewahren Sie sie für den Support des Herstellers auf. Entfernen Sie dann den Eintrag, aktivieren Sie noch einmal und bitten Sie den Hersteller, den alten Platz freizugeben.
       *[other] Spielen Sie eine Sicherung zurück, falls es eine gibt. Sonst benennen Sie es um, bewahren Sie es für den Support des Herstellers auf, aktivieren Sie noch einmal und bitten Sie den Hersteller, den alten Platz freizugeben.
    }
store-empty = { $path } ist leer: Der Datenträger war voll, oder das Kopieren wurde unterbrochen.
    .action = Spielen Sie eine Sicherung zurück, falls es eine gibt. Sonst benennen Sie die Datei um, schaffen Sie Platz auf dem Datenträger, aktivieren Sie noch einmal und bitten Sie den Hersteller, den alten Platz freizugeben.
store-newer = { $place ->
        [file] Die Lizenz in { $path } stammt von einer neueren Version dieses Programms (Format { $version }).
        [item] Die Lizenz, die der Schlüsselbund als „{ $path }“ aufbewahrt, stammt von einer neueren Version dieses Programms (Format { $version }).
       *[unknown] Die Lizenz wurde von einer neueren Version dieses Programms aufbewahrt (Format { $version }).
    }
    .action = Verwenden Sie diese neuere Version.
store-other_product = { $place ->
        [file] In { $path } wird die Lizenz eines anderen Produkts aufbewahrt.
        [item] Der Schlüsselbund bewahrt als „{ $path }“ die Lizenz eines anderen Produkts auf.
       *[unknown] Dort wird die Lizenz eines anderen Produkts aufbewahrt.
    }
    .action = Wählen Sie die Konfiguration jenes Produkts, oder einen anderen Ort für dieses.
store-busy = Ein anderes Programm benutzt die Lizenz schon lange.
    .action = Schließen Sie andere Lizenzfenster dieses Produkts und versuchen Sie es noch einmal.
store-not_read_back = Was gespeichert wurde, ließ sich nicht unverändert zurücklesen und wird deshalb nicht verwendet.
    .action = Versuchen Sie es noch einmal. Geschieht das wieder, wenden Sie sich an Ihre IT.

## Die Konfiguration

config-not_found = Die Konfiguration { $path } gibt es nicht.
    .action = Legen Sie die { $config_file } des Herstellers dorthin, oder geben Sie ihren Pfad an.
config-not_read = Die Konfiguration { $path } kann nicht gelesen werden: { $reason ->
        [missing] Die Datei gibt es nicht
        [permission] Der Zugriff ist nicht erlaubt
        [folder] Es ist ein Ordner
        [in_use] Ein anderes Programm benutzt die Datei gerade
       *[other] Das Betriebssystem hat es nicht zugelassen
    }.
    .action = { $reason ->
        [missing] Legen Sie die { $config_file } des Herstellers dorthin, oder geben Sie ihren Pfad an.
        [permission] Prüfen Sie die Zugriffsrechte der Datei.
        [folder] Geben Sie den Pfad der Datei darin an, etwa { $config_file }.
        [in_use] Schließen Sie das andere Programm und versuchen Sie es noch einmal.
       *[other] Prüfen Sie den Datenträger oder den Netzwerkordner, auf dem sie liegt, und versuchen Sie es noch einmal.
    }
config-too_large = Die Konfiguration hat mehr als { $limit } Bytes.
    .action = Holen Sie { $config_file } noch einmal vom Hersteller.
config-not_text = Die Konfiguration ist nicht als UTF-8 gespeichert: siehe Zeile { $line }.
    .action = Speichern Sie sie als UTF-8, oder holen Sie { $config_file } noch einmal vom Hersteller.
config-other_file = Die Konfiguration ist keine Textdatei, sondern { $kind ->
        [picture] ein Bild ({ $format })
        [archive] ein Archiv ({ $format })
        [document] ein Dokument ({ $format })
        [program] etwas anderes: { $format }
        [encrypted] eine verschlüsselte Datei ({ $format })
       *[binary] eine Datei unbekannter Art
    }.
    .action = Holen Sie { $config_file } noch einmal vom Hersteller. Kam die Datei in einem Archiv, entpacken Sie es zuerst.
config-syntax = Die Konfiguration enthält in Zeile { $line }, Spalte { $column } einen Syntaxfehler.
    .action = Jede Zeile ist ein Abschnitt wie [portal], ein Feld wie url = "https://…" mit seinem Text in geraden Anführungszeichen, oder ein Kommentar nach #. Berichtigen Sie die Zeile, oder holen Sie { $config_file } noch einmal vom Hersteller.
config-unknown_field = Die Konfiguration hat in Zeile { $line }, Spalte { $column } ein unbekanntes Feld „{ $field }“.
    .action = Prüfen Sie die Schreibweise, oder aktualisieren Sie dieses Programm.
config-missing_field = In der Konfiguration fehlt „{ $field }“: siehe den Abschnitt in Zeile { $line }.
    .action = Ergänzen Sie es, oder holen Sie { $config_file } noch einmal vom Hersteller.
config-value = Der Wert von „{ $field }“ in der Konfiguration, Zeile { $line }, Spalte { $column }, ist falsch. Erwartet wird { $expected ->
        [text] Text in Anführungszeichen, nicht leer
        [section] ein Abschnitt
        [keys] mindestens ein Abschnitt [[vendor.key]]
        [number] eine ganze Zahl von 1 bis 4294967295
        [id] 16 Hexadezimalziffern in Anführungszeichen
        [public_key] 128 Hexadezimalziffern in Anführungszeichen, die zwei öffentliche Schlüssel darstellen
        [unique] ein Wert, der dort noch nicht vorkommt
        [feature_kind] "bool", "pool" oder "count"
        [scope] "user" oder "machine"
        [store_kind] "keyring" oder "file"
        [permission] "allowed" oder "forbidden"
        [colour] eine Farbe wie "#3b5bdb"
        [address] eine Adresse, die mit https:// beginnt
        [file_name] der Name einer Datei neben der Konfiguration
        [languages] eine Liste von Sprachen wie ["en", "de"]
        [app_id] ein umgekehrter Domainname wie "com.acme.cad"
       *[other] etwas anderes
    }.
    .action = Berichtigen Sie diese Zeile, oder holen Sie { $config_file } noch einmal vom Hersteller.
config-format = Die Konfiguration hat das Format { $found } (Zeile { $line }), das diese Version nicht kennt.
    .action = Aktualisieren Sie dieses Programm.
config-conflict = In der Konfiguration passt „{ $field }“ in Zeile { $line }, Spalte { $column } nicht zu „{ $with }“.
    .action = Ändern Sie eines von beiden.
config-no_vendor_key = In der Konfiguration fehlt der Schlüssel des Herstellers.
    .action = Holen Sie { $config_file } noch einmal vom Hersteller.

## Worin dieses Programm läuft

surroundings-virtual_machine = Dies ist eine virtuelle Maschine{ $by ->
    [none] .
   *[other] { " " }({ $by }).
} Eine Kopie davon ist keine zweite Lizenz. Wird die Maschine auf einen früheren Stand zurückgesetzt, gilt das auch für ihre Lizenz.
surroundings-container = Dies ist ein Container{ $by ->
    [none] .
   *[other] { " " }({ $by }).
} Wird er gelöscht, ist auch seine Lizenz weg: Deaktivieren Sie sie vorher und geben Sie das Deaktivierungstoken ab, oder bewahren Sie sie in einem Volume auf, das erhalten bleibt.
