# A token on paper: the print sheet, and typing its rows, in the wizard and on the command line.

## The print sheet

sheet-request-title = Request for { $product }
sheet-request-what = This sheet carries a request token from a computer without internet, on which { $product } is to be activated.
sheet-request-two = The licence portal answers with a response token. Bring it back to the computer that made this request: as a file, or printed like this.
sheet-response-title = Response for { $product }
sheet-response-what = This sheet carries a response token. It activates { $product } on the computer that made the request, and nowhere else.
sheet-response-two = When every row is right, choose “Activate”. You don’t need this sheet after that.
sheet-refresh-title = Refresh for { $product }
sheet-refresh-what = This sheet carries a refresh token. It extends the lease of { $product } on one computer, and nowhere else.
sheet-refresh-two = When every row is right, choose “Refresh”. You don’t need this sheet after that.
sheet-deactivation-title = Deactivation of { $product }
sheet-deactivation-what = This sheet carries a deactivation token. The licence was removed from the computer that it comes from; the seat is free once the licence portal has this token.
sheet-deactivation-two = When the licence portal has confirmed it, confirm that on the computer that it comes from.
sheet-out-one = On a computer or phone with internet, scan the picture, or open { $portal } and type the rows.
sheet-out-one-no-portal = On a computer or phone with internet, open { $vendor }’s licence portal. Scan the picture there, or type the rows.
sheet-in-one = On the computer that it is for, open the licence window of { $product } and choose “Type it in”. If it can read pictures, scan the picture instead.
sheet-todo = What to do with it
sheet-seat = Seat: { $seat }
sheet-portal = Licence portal: { $portal }
sheet-scan = To scan
sheet-picture = Picture { $number } of { $count }. Together they make up the token, in any order.
sheet-rows = The rows to type
sheet-rows-how = Line 0 first, then the rows in any order. Each row is checked as it is typed: its last three characters are there for that. After line 0 there is no letter I, L, O or U: what looks like one is 1, 0 or V.

## Typing rows

typing-unfinished = { $count ->
    [one] { $count } character is missing.
   *[other] { $count } characters are missing.
}
typing-right = { $row ->
    [0] Line 0 is right.
   *[other] Row { $row } is right.
}
typing-wrong = This row differs from the paper in more than one place.
typing-wrong-how = Compare it character by character. If it is right, it is from another sheet.
typing-slip-wrong = Character { $place } is probably wrong.
typing-slip-missing = A character is missing, probably at position { $place }.
typing-slip-added = There is one character too many, probably at position { $place }.
typing-slip-several = Several characters were probably mistaken for others that look like them.
typing-other-line = { $row ->
    [0] This is line 0.
   *[other] This is row { $row }.
}
typing-other-token = This row and another row entered here are from different sheets.
typing-too-long = { $count ->
    [one] There is { $count } character too many.
   *[other] There are { $count } characters too many.
}
typing-line-zero-first = Line 0 has to be right first: the rows are checked against it.
