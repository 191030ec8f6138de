# Was an einem Zeitraum oder an einer gespeicherten Lizenz falsch sein kann.

interval-malformed = „{ $text }“ ist kein Zeitraum.
    .action = Schreiben Sie eine ganze Zahl und eine Einheit, zum Beispiel 15m, 12h, 30d, 2w, 1mo oder 1y.
interval-out_of_range = Der Zeitraum „{ $text }“ ist zu kurz oder zu lang.
    .action = Wählen Sie etwas zwischen einer Minute und tausend Jahren.
interval-calendar = Das Ende läge nach dem Jahr 9999.
    .action = Wählen Sie einen kürzeren Zeitraum.
lease-altered = Die gespeicherte Lizenz wurde verändert ({ $reason }).
    .action = Erstellen Sie eine neue Anforderung und aktivieren Sie noch einmal.
lease-other_seat = Die gespeicherte Lizenz ist aus zwei Plätzen zusammengesetzt.
    .action = Erstellen Sie eine neue Anforderung und aktivieren Sie noch einmal.
lease-traits_altered = Die gespeicherte Beschreibung dieses Computers wurde verändert.
    .action = Erstellen Sie eine neue Anforderung und aktivieren Sie noch einmal.
