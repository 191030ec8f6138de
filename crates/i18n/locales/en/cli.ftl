# `latchkey`: the wizard's work without a window. First what goes wrong on the command line itself.

cli-usage = { $reason }
    .action = “{ $command_line } --help” lists the commands.
cli-not_confirmed = Deactivating removes the licence from this computer immediately.
    .action = If that is what you want, add --yes. Then hand in the deactivation token that you get: only that frees the seat.
cli-code_not_confirmed = No request was made, because you didn’t confirm the activation code.
    .action = Enter the code exactly as you received it. If it is right anyway, add --code-is-right.
cli-code_is_file = { $path } is the path of a file, not an activation code.
    .action = To read the code from a file, add --code - and give the file on standard input: “--code - < FILE”. If it really is the code, add --code-is-right.
cli-input = { $path } can’t be read: { $reason ->
        [missing] it doesn’t exist
        [permission] you aren’t allowed to
        [folder] it is a folder
        [no_name] no file has such a name
        [closed] it is closed
        [in_use] another program is using it
       *[other] the system refused
    }.
    .action = { $reason ->
        [in_use] Close the other program, and try again.
       *[other] Give a file that exists and that you may read, or the token itself. Without either, standard input is read.
    }
cli-standard-input = Standard input
cli-no_code = There is no activation code on standard input.
    .action = Give it with --code, or write it to standard input.
cli-picture_without_code = No QR code can be made out in this picture, and text in pictures isn’t read.
    .action = Type the activation code that the picture shows: “--code CODE”.
cli-picture_no_code = No QR code can be made out in this picture.
    .action = Take the picture from closer up, straight from the front, sharp and without reflections.
cli-picture_unreadable = This picture is damaged or incomplete.
    .action = Save it again, as PNG or JPEG.
cli-picture_too_large = This picture has too many pixels to search.
    .action = Crop it to the QR code, or take a smaller picture.
cli-picture_too_much_work = Searching this picture for a QR code takes too much work.
    .action = Crop it to the QR code, or take a picture of the code alone.
cli-picture_interrupted = Reading the picture was interrupted.
    .action = Try again. If it happens again, hand in the token as text.
cli-output = The result couldn’t be written to standard output: { $reason ->
        [closed] it is closed
        [full] the disk is full
       *[other] { $reason }
    }.
    .action = Nothing is lost: what was done is saved. Show it again with “{ $command_line } request”, “status” or “outbox”.
cli-clock = This computer’s clock shows a time that can’t be used.
    .action = Set the clock and try again.
cli-rows_missing = { $count ->
        [one] { $count } row is still missing.
       *[other] { $count } rows are still missing.
    }
    .action = The rows that were typed are on standard output. Keep them, and pass them to “{ $command_line } type” again, followed by the rest.

## Messages

cli-next = → { $action }
cli-file_helps = The licence can also be kept in a file that works only on this computer: add “--store file” to the request and to every later command.
cli-ask-code = Activation code:
cli-ask-anyway = Use it anyway? [y/N]
cli-paste = Paste the token, then press { $system ->
        [windows] Enter, Ctrl-Z and Enter
       *[other] Ctrl-D
    }.
cli-cut-line = One line of the text has exactly { $characters } characters. That is where a terminal cuts a long line that is pasted into it. Copy the text again and paste it once “{ $command_line }” asks for it, or save it as a file with an editor.
cli-request = A request for { $product } was created. Take this token to { $portal }, and apply the response here with “{ $command_line } apply”.
cli-request-no-portal = A request for { $product } was created. Take this token to { $vendor }’s licence portal, and apply the response here with “{ $command_line } apply”.
cli-renewal = A request to renew { $product } was created. Take this token to { $portal }, and apply the response here with “{ $command_line } apply”. Until then the licence stays as it is.
cli-renewal-no-portal = A request to renew { $product } was created. Take this token to { $vendor }’s licence portal, and apply the response here with “{ $command_line } apply”. Until then the licence stays as it is.
cli-activated = { $product } is activated: seat { $seat }, valid until { $expiry }.
cli-refreshed = The lease of { $product } is refreshed: seat { $seat }, valid until { $expiry }.
cli-already_applied = This { $kind } is in use already: seat { $seat }, valid until { $expiry }. Nothing has changed.
cli-not_for_this_computer = A { $kind } isn’t for this computer and was skipped.
cli-passed_over = { $count } tokens that aren’t for this computer were skipped.
cli-refused = A { $kind } wasn’t applied. { $message }
cli-repaired = { $count ->
    [one] { $count } wrong character was repaired.
   *[other] { $count } wrong characters were repaired.
}
cli-deactivated = The licence was removed from this computer. Hand in this token at { $portal }; that frees the seat. Once the portal has confirmed it, run “{ $command_line } outbox --delivered { $id }”.
cli-deactivated-no-portal = The licence was removed from this computer. Hand in this token at { $vendor }’s licence portal; that frees the seat. Once the portal has confirmed it, run “{ $command_line } outbox --delivered { $id }”.

cli-status-not_activated = { $product } isn’t activated on this computer.
cli-status-active = { $product } is active until { $expiry }.
cli-status-grace = The lease of { $product } expired on { $expiry }. It still runs until { $end }.
cli-status-lease_expired = The lease of { $product } expired on { $expiry }.
cli-status-left = { $unit ->
    [days] { $count ->
        [one] One day is left.
       *[other] { $count } days are left.
    }
    [hours] { $count ->
        [one] One hour is left.
       *[other] { $count } hours are left.
    }
   *[minutes] { $count ->
        [one] One minute is left.
       *[other] { $count } minutes are left.
    }
}
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
    [one] { $count } deactivation token hasn’t been handed in: “{ $command_line } outbox”.
   *[other] { $count } deactivation tokens haven’t been handed in: “{ $command_line } outbox”.
}
cli-status-other_licence = { $kind ->
    [keyring] Another licence of { $product } runs on this computer. It is kept in the keyring
   *[file] Another licence of { $product } runs on this computer. It is kept in the file { $path }
}: seat { $seat } { $name }, valid until { $expiry }.
cli-status-other_licence-how = The product uses one licence; the other one takes a seat of its own. { $kind ->
    [keyring] To free that seat: “{ $command_line } --store keyring deactivate --yes”.
   *[file] To free that seat: “{ $command_line } --store "file:{ $path }" deactivate --yes”.
}
cli-status-clock = This computer’s clock is more than a day behind. Leases are checked against { $effective }. Set the clock right when you can; if it is right and was wrong before, a refresh token corrects the time.
cli-status-clock-ahead = This computer’s clock has jumped ahead by more than thirty days, to { $effective }. Leases are checked against it. If it is right, there is nothing to do; if it is wrong, set it right now: after the next restart, that may take a refresh token.
cli-status-over-by-clock = By this computer’s clock ({ $effective }), the lease of { $product } has expired: it ran until { $expiry }.
cli-status-over-by-clock-how = If the clock is wrong, set it right, and the licence works again immediately. If it is right, apply a refresh token from the licence portal.
cli-status-hardware = This computer has changed too much since it was activated: { $traits }. The product still runs until { $end }.
cli-status-hardware-over = This computer has changed too much since it was activated: { $traits }. The time to fix that ended on { $end }, so the product doesn’t run.
cli-status-hardware-other = This isn’t the computer that was activated: nothing that identifies a computer matches ({ $traits }). The product doesn’t run here. The other computer’s licence isn’t affected.
cli-status-hardware-unrecorded = This computer has changed too much since it was activated: { $traits }. You have seven days to fix that, but they begin only once the change is recorded, and that wasn’t possible. So the product doesn’t run.
cli-status-hardware-refused = The reason: { $message }
cli-status-hardware-administrator = This licence is for all users of this computer: an administrator has to open the licence window once or run “{ $command_line } status”. Then the seven days begin.
cli-status-hardware-writable = Make the place where the licence is kept writable, then run “{ $command_line } status” again. Then the seven days begin.
cli-status-hardware-how = Make a new request with the same activation code (“{ $command_line } request”) and apply the response. The seat stays the same.
cli-status-other_hardware = { $product } is activated here until { $expiry }, but this computer no longer matches its licence.


cli-doctor-computer = This is a physical computer: no virtual machine or container was detected.
cli-doctor-traits = A licence is bound to the following. The values are never shown, and leave this computer only as short hashes:
cli-doctor-trait = { $name } (weight { $weight }): { $state ->
    [same] the same as when the licence was activated
    [changed] different from when the licence was activated
    [readable] can be read
   *[unreadable] isn’t there, or can’t be read by this user
}. { $stable }{ $alone ->
    [passes] { " " }If only this changed, the licence would stay valid.
    [grace] { " " }If it changed, you would have seven days to fix that.
    [other] { " " }If it changed, this would be another computer and would have to be activated again immediately.
   *[none] { "" }
}
cli-doctor-stable-os-install = It stays the same until the operating system is reinstalled.
cli-doctor-stable-system-uuid = It stays with the mainboard. A copied virtual machine usually gets a new one.
cli-doctor-stable-board-serial = It stays with the mainboard.
cli-doctor-stable-system-disk = It stays the same until the disk is replaced.
cli-doctor-stable-system-volume = It stays the same until the disk is formatted.
cli-doctor-stable-network-address = It changes with the network card. Docking stations and virtual cards don’t count if there is a built-in one.
cli-doctor-stable-processor = It changes with the processor.
cli-doctor-running = { $can ->
    [yes] The system reports how long this computer has been running, so a wrong clock does little harm.
   *[no] The system doesn’t report how long this computer has been running, so leases follow its clock alone.
}
cli-doctor-clock = The clock agrees with the times known here. Leases are checked against { $effective }.
cli-doctor-store = { $kind ->
    [keyring] The licence is kept in this computer’s keyring, which works.
    [unwritable] The licence is kept in the file { $path }, which can be read, but not written.
   *[file] The licence is kept in the file { $path }, which can be read and written.
}
cli-doctor-no-store = The state of the licence can’t be read. { $message }
cli-doctor-not_activated = { $product } isn’t activated here, so there is nothing to compare with.
cli-doctor-hardware-unrecorded = This computer has changed too much since it was activated: { $traits }. You have seven days to fix that, but they begin only once the change is recorded, and “{ $command_line } doctor” records nothing. Until then the product doesn’t run.
cli-doctor-hardware-how = Run “{ $command_line } status”, or start the product: either of them records it. If the licence is for all users of this computer, an administrator has to do so.
cli-doctor-passes = { $product }: this is the computer that was activated.
cli-doctor-key_only = { $product }: no trait that can be read here tells one computer from another, so the licence is bound by this device’s key alone.

cli-outbox-empty = Every deactivation token has been handed in.
cli-outbox-entry = { $id }: seat { $seat }, deactivated on { $created }.
cli-outbox-delivered = { $id } is marked as handed in.

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
} Who it is for is unknown: { $message }
cli-inspect-ready = It can be applied here; the lease is then valid until { $expiry }.
cli-inspect-already = It is in use here already, valid until { $expiry }.
cli-inspect-refused = It can’t be applied here. { $message }
cli-recipient-this_computer = this computer
cli-recipient-vendor = { $vendor }, to be handed in at the licence portal
cli-recipient-other_product = another product on this computer, { $product }
cli-recipient-other_vendor = another vendor’s product on this computer, { $product } by { $vendor }
cli-recipient-other_computer = another computer (key { $key })
cli-recipient-unknown_vendor = another vendor (key { $key })

## Typing rows

cli-type-begin = Type line 0 first: it begins with LK. Then type the rows, with or without their numbers. Each row is checked immediately. “=” accepts a suggestion, “?” reads back what was typed, an empty line moves on to another row.
cli-type-zero = Line 0:
cli-type-row = Row { $row } of { $rows }:
cli-type-offer = Probably: { $line } – type “=” to accept it, or type the row again.
cli-type-nothing-offered = There is no suggestion to accept here.
cli-type-done = The { $kind } is complete.
cli-sheet-damaged = A { $kind } can’t be printed. { $message }
cli-in-file = In the file { $file }:

## Checking a configuration

check-logo_file = The logo { $path } can’t be read: { $reason ->
        [missing] it doesn’t exist
        [permission] you aren’t allowed to
        [folder] it is a folder
        [in_use] another program is using it
       *[other] the system refused
    }. The first letter of the product’s name is shown instead.
    .action = { $reason ->
        [permission] Let everyone who uses the product read the file.
        [in_use] Close the other program, and try again.
       *[other] Put the file beside { $config_file }, or remove “logo”.
    }
check-logo_format = The logo { $path } is neither an SVG nor a PNG picture, or its name ends differently. The first letter of the product’s name is shown instead.
    .action = Save it as SVG (.svg) or PNG (.png).
check-logo_large = The logo { $path } is larger than { $limit } KiB, so the first letter of the product’s name is shown instead.
    .action = Save it with fewer pixels, or as SVG.
check-logo_pixels = The logo { $path } has { $width } × { $height } pixels.
    .action = Use a picture that is 64 to 4,096 pixels high and at most 4,096 pixels wide, or an SVG picture.
check-accent = The accent colour { $accent } has a contrast of { $contrast }:1 with a light background. WCAG requires 4.5:1, so { $shown } is shown instead.
    .action = Choose a darker colour if you don’t want that one.
check-portal = The portal’s address “{ $text }” can’t be in a QR code: { $fault ->
        [scheme] it doesn’t begin with https:// or http://
        [length] it is longer than { $limit } bytes
        [character] it contains a space or another character that addresses can’t contain
        [not_ascii] it has letters beyond ASCII
        [user] it contains a user name or a password
        [query] it contains “?” or “#”, and links into the portal are appended to it
        [host] its host name or port is invalid
        [path] its path has an empty part, “.”, “..” or a stray “%”
       *[other] links can’t be made from it
    }.
    .action = Write the whole address, such as https://licence.example.com. A name like bücher.example has another form, which begins with xn--.
check-language = There are no texts in the language “{ $language }”, so it isn’t offered.
    .action = Remove it from “languages”. The programs are available in English (en) and German (de).
check-text_missing = “{ $field }” is missing. { $what ->
        [portal] Users are told to contact the vendor, and QR codes don’t open a page.
       *[other] The help screen shows no contact.
    }
    .action = Add it, unless that is what you want.
check-text_long = “{ $field }” has { $count } characters. There is room for { $limit }.
    .action = Shorten it.
cli-checked = { $file }: { $count ->
    [0] no problems.
    [one] { $count } problem.
   *[other] { $count } problems.
}
