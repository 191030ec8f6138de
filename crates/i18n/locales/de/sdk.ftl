# Was ein Produkt über seine Lizenz sagt: die Prüfergebnisse des SDK und seine Fehler.

verdict-active = Die Lizenz gilt bis { $expiry }.
    .action = Es ist nichts zu tun.
verdict-in_grace = Die Laufzeit endete am { $expiry }. Das Produkt läuft noch bis { $until }.
    .action = Holen Sie im Lizenzportal ein Verlängerungstoken und geben Sie es im Lizenzfenster ein.
verdict-expired = Die Laufzeit endete am { $expiry }.
    .action = Öffnen Sie das Lizenzfenster und geben Sie ein Verlängerungstoken aus dem Lizenzportal ein, oder erstellen Sie eine neue Anforderung.
verdict-not_activated = Dieses Produkt ist auf diesem Computer nicht aktiviert.
    .action = Öffnen Sie das Lizenzfenster, erstellen Sie eine Anforderung und geben Sie sie im Lizenzportal ab.
verdict-clock_behind = Die Uhr dieses Computers zeigt { $wall }, hier war es aber schon { $effective }.
    .action = Stellen Sie die Uhr richtig. Geht sie richtig, geben Sie ein Verlängerungstoken aus dem Lizenzportal ein: Es stellt die Zeit ohne Verbindung richtig.
verdict-clock_ahead = Die Uhr dieses Computers ist auf { $wall } vorgesprungen. Die Lizenz richtet sich danach, und das Produkt läuft bis { $until }.
    .action = Geht die Uhr falsch, stellen Sie sie jetzt richtig: Nach dem nächsten Start braucht es dazu womöglich ein Verlängerungstoken. Geht sie richtig, ist nichts zu tun.
verdict-over_by_clock = Nach der Uhr dieses Computers ({ $wall }) ist die Laufzeit zu Ende: Sie ging bis { $expiry }.
    .action = Geht die Uhr falsch, stellen Sie sie richtig, und die Lizenz gilt sofort weiter. Geht sie richtig, öffnen Sie das Lizenzfenster und geben Sie ein Verlängerungstoken aus dem Lizenzportal ein.
verdict-hardware_changed = Dieser Computer hat sich geändert, seit seine Lizenz gewährt wurde: { $traits }. Das Produkt läuft bis { $until }.
    .action = Öffnen Sie das Lizenzfenster, erstellen Sie eine neue Anforderung und geben Sie sie im Lizenzportal ab. Mit der Antwort behält dieser Computer seinen Platz.
verdict-other_hardware = Das ist nicht der Computer, dem die Lizenz gewährt wurde, oder er hat sich geändert: { $traits }.
    .action = Öffnen Sie das Lizenzfenster, erstellen Sie eine neue Anforderung und geben Sie sie im Lizenzportal ab. Mit der Antwort behält dieser Computer seinen Platz.
verdict-other_computer = Das ist nicht der Computer, dem die Lizenz gewährt wurde: Kein Merkmal, an dem ein Computer zu erkennen ist, stimmt überein ({ $traits }).
    .action = Öffnen Sie auf diesem Computer das Lizenzfenster, und erstellen Sie eine Anforderung. Gehört der Platz zu diesem Computer, bleibt er mit der Antwort erhalten.
verdict-hardware_unrecorded = Dieser Computer hat sich geändert, seit seine Lizenz gewährt wurde: { $traits }. Die sieben Tage, um das in Ordnung zu bringen, beginnen erst, wenn das vermerkt ist, und das war nicht möglich.
    .action = Öffnen Sie einmal das Lizenzfenster; gilt die Lizenz für alle auf diesem Computer, dann mit Administratorrechten. Oder erstellen Sie dort eine neue Anforderung und geben Sie sie im Lizenzportal ab: Mit der Antwort behält dieser Computer seinen Platz.

feature-offline = Mit einer Offline-Laufzeit können Funktionen weder entnommen noch zurückgegeben werden: Niemand würde zählen, was auf anderen Computern in Gebrauch ist. Das könnte ein Local License Server im abgeschotteten Netz, den diese Version noch nicht unterstützt.
    .action = Was die Lizenz enthält, lässt sich auf diesem Computer ohne Weiteres benutzen; entnommen werden muss es nicht.
feature-not_included = Die Lizenz enthält diese Funktion nicht (Nummer { $feature }).
    .action = Fragen Sie den Hersteller danach. Sie kommt mit dem nächsten Verlängerungstoken.

sdk-no_key = Dieses Produkt wurde ohne die Schlüssel seines Herstellers gebaut und kann deshalb keine Lizenz prüfen.
    .action = Sagen Sie es dem Hersteller. Die Schlüssel sind im Kit, das „latchkey-server kit“ schreibt.
sdk-no_wizard = Das Lizenzfenster lässt sich nicht öffnen: { $name } ist nicht da.
    .action = Installieren Sie das Produkt noch einmal, oder starten Sie das Lizenzfenster selbst.
sdk-wizard_failed = Das Lizenzfenster lässt sich nicht öffnen: { $reason }
    .action = Starten Sie das Lizenzfenster selbst, oder wenden Sie sich mit dieser Meldung an Ihre IT.
sdk-argument = Dieses Produkt hat die Lizenzbibliothek falsch aufgerufen ({ $argument }).
    .action = Sagen Sie es dem Hersteller: Das ist ein Fehler des Produkts.
sdk-internal = In der Lizenzbibliothek ist ein interner Fehler aufgetreten.
    .action = Starten Sie das Produkt neu. Geschieht es wieder, sagen Sie es dem Hersteller.
sdk-not_checked = Die Lizenz wurde noch nicht geprüft.
    .action = Sagen Sie es dem Hersteller: Das ist ein Fehler des Produkts.
