# Ein Token auf Papier: das gedruckte Blatt, und das Abtippen seiner Zeilen, im Assistenten und auf
# der Befehlszeile.

## Das gedruckte Blatt

sheet-request-title = Anforderung für { $product }
sheet-request-what = Auf diesem Blatt steht ein Anforderungstoken von einem Computer ohne Internet, auf dem { $product } aktiviert werden soll.
sheet-request-two = Das Lizenzportal antwortet mit einem Antworttoken. Bringen Sie es zu dem Computer zurück, der diese Anforderung erstellt hat: als Datei oder ebenso gedruckt.
sheet-response-title = Antwort für { $product }
sheet-response-what = Auf diesem Blatt steht ein Antworttoken. Es aktiviert { $product } auf dem Computer, der die Anforderung erstellt hat, und nirgends sonst.
sheet-response-two = Wenn jede Zeile stimmt, wählen Sie „Aktivieren“. Dann wird dieses Blatt nicht mehr gebraucht.
sheet-refresh-title = Verlängerung für { $product }
sheet-refresh-what = Auf diesem Blatt steht ein Verlängerungstoken. Es verlängert die Laufzeit von { $product } auf einem Computer und nirgends sonst.
sheet-refresh-two = Wenn jede Zeile stimmt, wählen Sie „Verlängern“. Dann wird dieses Blatt nicht mehr gebraucht.
sheet-deactivation-title = Deaktivierung von { $product }
sheet-deactivation-what = Auf diesem Blatt steht ein Deaktivierungstoken. Auf dem Computer, von dem es kommt, gibt es die Lizenz nicht mehr; der Platz ist frei, sobald das Lizenzportal dieses Token hat.
sheet-deactivation-two = Wenn das Lizenzportal es bestätigt hat, geben Sie das auf dem Computer an, von dem es kommt.
sheet-out-one = Scannen Sie an einem Computer oder Telefon mit Internet das Bild, oder öffnen Sie { $portal } und tippen Sie die Zeilen ab.
sheet-out-one-no-portal = Öffnen Sie an einem Computer oder Telefon mit Internet das Lizenzportal von { $vendor }. Scannen Sie dort das Bild, oder tippen Sie die Zeilen ab.
sheet-in-one = Öffnen Sie auf dem Computer, für den es bestimmt ist, das Lizenzfenster von { $product } und wählen Sie „Abtippen“. Wo es Bilder lesen kann, scannen Sie stattdessen das Bild.
sheet-todo = Was damit zu tun ist
sheet-seat = Platz: { $seat }
sheet-portal = Lizenzportal: { $portal }
sheet-scan = Zum Scannen
sheet-picture = Bild { $number } von { $count }. Alle zusammen ergeben das Token, in beliebiger Reihenfolge.
sheet-rows = Die Zeilen zum Abtippen
sheet-rows-how = Zuerst Zeile 0, dann die anderen in beliebiger Reihenfolge. Jede Zeile wird beim Tippen geprüft: Dafür sind ihre letzten drei Zeichen da. Nach Zeile 0 kommen die Buchstaben I, L, O und U nicht vor: Was so aussieht, ist 1, 0 oder V.

## Zeilen abtippen

typing-unfinished = { $count ->
    [one] { $count } Zeichen fehlt.
   *[other] { $count } Zeichen fehlen.
}
typing-right = Zeile { $row } stimmt.
typing-wrong = Diese Zeile ist an mehr als einer Stelle anders als auf dem Papier.
typing-wrong-how = Vergleichen Sie sie Zeichen für Zeichen. Wenn sie stimmt, ist sie von einem anderen Blatt.
typing-slip-wrong = Zeichen { $place } ist vermutlich falsch.
typing-slip-missing = Ein Zeichen fehlt, vermutlich an Stelle { $place }.
typing-slip-added = Ein Zeichen ist zu viel, vermutlich an Stelle { $place }.
typing-slip-several = Mehrere Zeichen wurden vermutlich mit ähnlich aussehenden verwechselt.
typing-other-line = Das ist Zeile { $row }.
typing-other-token = Diese und eine andere Zeile hier sind von einem anderen Blatt.
typing-too-long = { $count ->
    [one] { $count } Zeichen ist zu viel.
   *[other] { $count } Zeichen sind zu viel.
}
typing-line-zero-first = Zuerst muss Zeile 0 stimmen: An ihr werden die anderen geprüft.
