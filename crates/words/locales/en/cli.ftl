# `latchkey`: the wizard's work without a window. First what goes wrong on the command line itself.

cli-usage = { $reason }
    .action = “latchkey --help” shows what there is.
cli-not_confirmed = Deactivating takes the licence off this computer at once.
    .action = If that is what you want, add --yes.
cli-input = { $path } can’t be read: { $reason ->
        [missing] it doesn’t exist
        [permission] you aren’t allowed to
        [folder] it is a folder
       *[other] the system refused
    }.
    .action = Name the file that holds the token, or leave it out to read standard input.
cli-no_code = There is no activation code on standard input.
    .action = Give it with --code, or write it to standard input.
cli-output = The answer couldn’t be written to standard output: { $reason }.
    .action = What was done is kept, nothing is lost. Ask for it again: “latchkey request”, “status” or “outbox”.
cli-clock = This computer’s clock shows a time that can’t be used.
    .action = Set the clock and try again.
cli-rows_missing = { $count ->
        [one] { $count } row is still missing.
       *[other] { $count } rows are still missing.
    }
    .action = What was typed is on standard output. Keep it, and give it to “latchkey type” again, with the rest behind it.

## What it says

cli-next = → { $action }
cli-paste = Paste the token, then press Ctrl-D.
cli-request = Request made for { $product }. Take this token to { $portal } and come back with the response: “latchkey apply”.
cli-request-no-portal = Request made for { $product }. Take this token to { $vendor }’s licence portal and come back with the response: “latchkey apply”.
cli-activated = { $product } is activated: seat { $seat }, good until { $expiry }.
cli-refreshed = The lease of { $product } is refreshed: seat { $seat }, good until { $expiry }.
cli-already_applied = This { $kind } is in use already: seat { $seat }, good until { $expiry }. Nothing has changed.
cli-not_for_this_computer = A { $kind } that isn’t for this computer. It was passed over.
cli-refused = A { $kind } wasn’t applied. { $message }
cli-repaired = { $count ->
    [one] { $count } wrong character was repaired.
   *[other] { $count } wrong characters were repaired.
}
cli-deactivated = The licence is off this computer. Hand in this token at { $portal }; the seat is free when it has arrived. Then: “latchkey outbox --delivered { $id }”.
cli-deactivated-no-portal = The licence is off this computer. Hand in this token at { $vendor }’s licence portal; the seat is free when it has arrived. Then: “latchkey outbox --delivered { $id }”.

cli-status-not_activated = { $product } isn’t activated on this computer.
cli-status-active = { $product } is active until { $expiry }.
cli-status-grace = The lease of { $product } ran out on { $expiry }. It still runs until { $end }.
cli-status-lease_expired = The lease of { $product } ran out on { $expiry }.
cli-status-seat = Seat { $seat } { $name }
cli-status-feature = { $name }: { $value ->
    [true] included
    [false] not included
   *[other] { $value }
}
cli-status-attribute = { $name }: { $value }
cli-status-pending = { $count ->
    [one] { $count } request is waiting for its response.
   *[other] { $count } requests are waiting for their response.
}
cli-status-outbox = { $count ->
    [one] { $count } deactivation token hasn’t been handed in: “latchkey outbox”.
   *[other] { $count } deactivation tokens haven’t been handed in: “latchkey outbox”.
}
cli-status-clock = This computer’s clock is more than a day behind. Leases are judged by { $effective }.

cli-outbox-empty = Every deactivation token has been handed in.
cli-outbox-entry = { $id }: seat { $seat }, deactivated on { $created }.
cli-outbox-delivered = { $id } is noted as handed in.

cli-inspect-whole = A { $kind } for { $recipient }. It is whole.
cli-inspect-repaired = A { $kind } for { $recipient }. { $count ->
    [one] { $count } wrong character was repaired.
   *[other] { $count } wrong characters were repaired.
}
cli-inspect-damaged = A { $kind }. { $message }
cli-inspect-alone = A { $kind }. { $count ->
    [0] It is whole.
    [one] { $count } wrong character was repaired.
   *[other] { $count } wrong characters were repaired.
} Whom it is for can’t be told: { $message }
cli-inspect-ready = It can be applied here; the lease is then good until { $expiry }.
cli-inspect-already = It is in use here already, good until { $expiry }.
cli-inspect-refused = It can’t be applied here. { $message }
cli-recipient-this_computer = this computer
cli-recipient-vendor = { $vendor }, to be handed in at the licence portal
cli-recipient-other_product = another product on this computer, { $product }
cli-recipient-other_vendor = another vendor’s product on this computer, { $product } by { $vendor }
cli-recipient-other_computer = another computer (key { $key })
cli-recipient-unknown_vendor = another vendor (key { $key })

## Typing rows

cli-type-begin = Type row 0 first: it begins with LK. Then the other rows, with or without their numbers. Each row is checked at once. “=” takes what is offered, “?” reads back what was typed, an empty line goes on to another row.
cli-type-zero = Row 0:
cli-type-row = Row { $row } of { $rows }:
cli-type-offer = Probably: { $line } – type “=” to take it, or the row again.
cli-type-nothing-offered = Nothing is offered here that could be taken.
cli-type-done = That is the whole { $kind }.
cli-sheet-damaged = A { $kind } can’t be printed. { $message }
