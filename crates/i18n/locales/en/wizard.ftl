# The wizard: its screens first, the errors that only it has at the end.

## Every screen

wizard-title = { $product }: licence
wizard-corner = Licence
wizard-back = Back
wizard-close = Close
wizard-try-again = Try again
wizard-loading = Reading the licence…
wizard-loading-slow = Still waiting for this computer’s keyring. If a window asks for a password, it is the keyring’s.
wizard-error-code = { $code } · { $number }
wizard-working = One moment…

## Home

wizard-home-chip-not-activated = Not activated
wizard-home-chip-active = Active
wizard-home-chip-grace = Lease expired · still working
wizard-home-chip-expired = Lease expired
wizard-home-chip-over-by-clock = Lease expired, or the clock is wrong
wizard-home-chip-hardware = Not for this computer any more

wizard-home-not-activated = { $product } isn’t activated on this computer yet
wizard-home-not-activated-how = You need your activation code and, for a few minutes, any computer or phone with internet. This computer stays offline.
wizard-home-active = Ready to use until { $expiry }
wizard-home-active-how = To keep working after that, refresh the lease. It takes one token from the licence portal.
wizard-home-grace = The lease expired on { $expiry }
wizard-home-grace-how = { $product } still runs until { $end }. Refresh the lease before then: it takes one token from the licence portal.
wizard-home-expired = The lease expired on { $expiry }
wizard-home-expired-how = { $product } doesn’t run until the lease is refreshed. If the licence portal says that the seat is now used elsewhere, activate again.
wizard-home-over-by-clock = By this computer’s clock ({ $now }), the lease has expired
wizard-home-over-by-clock-how = If the clock is wrong, set it right, and { $product } runs again immediately. If it is right, refresh the lease: it takes one token from the licence portal.
wizard-home-hardware = This computer has changed too much since it was activated
wizard-home-hardware-how = { $product } doesn’t run until it is activated again. Use the same activation code: the seat stays the same.

wizard-home-seat = Seat
wizard-home-includes = Includes
wizard-home-started = Started
wizard-home-nothing-extra = The product without extras
wizard-feature-counted = { $count } { $name }

wizard-left-days = { $count ->
    [one] day left
   *[other] days left
}
wizard-left-hours = { $count ->
    [one] hour left
   *[other] hours left
}
wizard-left-minutes = { $count ->
    [one] minute left
   *[other] minutes left
}
wizard-left-none = expired

wizard-home-activate = Activate
wizard-home-activate-again = Activate again
wizard-home-renew = Renew with a request
wizard-home-refresh = Refresh lease
wizard-home-deactivate = Deactivate
wizard-home-details = Details
wizard-home-help = Help
wizard-home-why-no-activate-outbox = Eight deactivation tokens are waiting here. Hand one in and confirm that here before activating again.
wizard-home-why-no-activate-active = To use another activation code here, deactivate this licence and hand in the deactivation token, or wait until its lease has expired.
wizard-home-why-no-refresh = Refresh and Deactivate are offered here once { $product } is activated.

wizard-home-ending-soon = { $count ->
    [one] { $shown } day is left. To keep working after that, refresh the lease with one token from the licence portal.
   *[other] { $shown } days are left. To keep working after that, refresh the lease with one token from the licence portal.
}
wizard-home-ending-very-soon = { $count ->
    [one] The lease ends in { $shown } day
   *[other] The lease ends in { $shown } days
}
wizard-home-ending-today = The lease ends within a day: { $expiry }
wizard-home-ending-how = To keep working with { $product }, refresh it now. It takes one token from the licence portal.

wizard-home-clock = This computer’s clock seems to be slow
wizard-home-clock-how = It has already been { $now } here, and the clock is more than a day behind that. The licence follows the later time, so nothing is lost. Set the clock right when you can.
wizard-home-clock-cure = If the clock is right, and was wrong before, a refresh token corrects the time.
wizard-home-clock-ahead = This computer’s clock has jumped ahead
wizard-home-clock-ahead-how = It shows { $now }, more than thirty days later than before, and the licence follows it. If it is right, there is nothing to do. If it isn’t, set it right now: after the next restart, that may take a refresh token.

wizard-home-hardware-changed = This computer has changed since it was activated
wizard-home-hardware-what = What has changed: { $traits }.
wizard-home-hardware-other = Nothing that identifies a computer matches, so this is another computer. The other computer’s licence isn’t affected.
wizard-home-hardware-unrecorded = You have seven days to fix that, but they begin only once the change is recorded, and that wasn’t possible here. If the licence is for all users of this computer, an administrator has to open this window once.
wizard-home-hardware-grace = { $product } still runs until { $end }. Activate again before then with the same activation code: the seat stays the same.

wizard-home-pending = A request is waiting for its response
wizard-home-pending-when = Made on { $created } for the seat “{ $seat }”.
wizard-home-pending-when-unnamed = Made on { $created }.
wizard-home-pending-continue = Continue
wizard-home-pending-cancel = Drop it
wizard-home-pending-sure = Drop the request? A response to it can’t be used here afterwards.
wizard-home-pending-sure-yes = Drop the request
wizard-home-pending-sure-no = Keep it

wizard-home-outbox = A deactivation token hasn’t been handed in
wizard-home-outbox-when = Made on { $created }. The seat is free once the licence portal has it.
wizard-home-outbox-show = Show the token

## Activate

wizard-steps = Steps of the activation
wizard-step-code = Your code
wizard-step-out = Take this out
wizard-step-back = Bring the response back
wizard-step-done = { $step }, done

wizard-code-title = Which licence is it?
wizard-renew-title = Renew with a request
wizard-renew-hint = The code of the licence on this computer. Some vendors ask for a request from the computer before they renew it. The licence stays as it is until you bring the response back.
wizard-code-label = Activation code
wizard-code-hint = From { $vendor }, in an e-mail or on your delivery note. Capitals, spaces and dashes don’t matter.
wizard-seat-label = Name of this seat
wizard-seat-hint = So that you can tell your computers apart in the licence portal.
wizard-code-next = Next
wizard-code-anyway = Use it anyway

wizard-request-title = Take this request to a computer with internet
wizard-request-label = Request token
wizard-token-copy = Copy
wizard-token-copied = { $count ->
    [one] Copied, { $count } character
   *[other] Copied, { $count } characters
}
wizard-token-copied-short = It is on the clipboard while this window is open. Paste it, or save it to a file, before you close the window.
wizard-token-save = Save…
wizard-token-saved = Saved to { $path }
wizard-request-one = Open { $portal } and hand in the request.
wizard-request-one-no-portal = Open { $vendor }’s licence portal and hand in the request.
wizard-request-two = Copy or save the response that it shows.
wizard-request-three = Come back here. You can close this window: your place is kept.
wizard-request-have = I have the response

wizard-response-title = Bring the response back
wizard-response-label = Response token
wizard-response-hint = Paste it in any form, e-mail and all. You can also drop a file here.
wizard-box-placeholder = The response goes here
wizard-box-placeholder-refresh = The refresh token goes here
wizard-box-paste = Paste
wizard-box-open = Open file…
wizard-box-clear = Clear
wizard-box-large = { $count ->
    [one] A text of { $count } character
   *[other] A text of { $count } characters
}
wizard-box-looking = Checking…
wizard-box-drop = Drop it here
wizard-box-ready-response = Response for this computer. Ready.
wizard-box-ready-refresh = Refresh for this computer. Ready.
wizard-box-ready-until = Good until { $expiry }.
wizard-box-repaired = { $count ->
    [one] { $count } wrong character was repaired.
   *[other] { $count } wrong characters were repaired.
}
wizard-box-many = Of the { $count } tokens here, one is for this computer.
wizard-box-part = There is also a part of another token in this text. If you need that token too, copy it again, from the letters LK at its start.
wizard-box-already = This is already in use here. Nothing needs to be done.
wizard-response-apply = Activate
wizard-renew-apply = Renew
wizard-refresh-apply = Refresh

## Pictures and paper

wizard-qr-scan = Scan with a phone
wizard-qr-scan-how = A phone’s camera opens the licence portal with this token in place.
wizard-qr-seat-how = A phone’s camera opens the licence portal at this seat.
wizard-qr-larger = Larger
wizard-qr-close = Close
wizard-box-camera = Scan with camera
wizard-camera-title = Scan with the camera
wizard-camera-how = Hold the QR code in front of the camera.
wizard-camera-more = { $count ->
    [one] { $count } picture was read. Hold the next one in front of the camera.
   *[other] { $count } pictures were read. Hold the next one in front of the camera.
}
wizard-qr-next = Picture { $number } of { $count }, show the next one
wizard-token-print = Print sheet
wizard-sheet-window = { $product }: print sheet

## Typing it in

wizard-box-type = Type it in
wizard-box-type-on = Continue typing
wizard-type-title = Type it in from paper
wizard-type-hint = Line 0 first: it begins with LK. Press Enter at the end of each row.
wizard-type-kept = What you type is saved when you close this window.
wizard-type-not-kept = What you type can’t be saved here and is lost when you close this window.
wizard-type-row = { $row ->
    [0] Line 0
   *[other] Row { $row }
}
wizard-type-progress = Right so far: { $right } of { $rows } rows.
wizard-type-what-response = A response token.
wizard-type-what-refresh = A refresh token.
wizard-type-what-request = A request token.
wizard-type-what-deactivation = A deactivation token.
wizard-type-offer = Probably: { $line }
wizard-type-take = Accept
wizard-type-aloud = Read aloud
wizard-type-spelled = Row { $row }, typed so far: { $letters }
wizard-type-again = Start again
wizard-type-again-sure = Discard everything that was typed?
wizard-type-again-yes = Discard it
wizard-type-again-no = Keep it
wizard-type-use = Use this token
wizard-type-whole = Every row is right.

## Done

wizard-done-activated = { $product } is activated
wizard-done-activated-how = The licence was stored on this computer, read back and verified.
wizard-done-refreshed = The lease is refreshed
wizard-done-refreshed-how = The new lease was stored on this computer, read back and verified.
wizard-done-already = This was already in use
wizard-done-already-how = Nothing has changed. The licence on this computer is as it was.
wizard-done-until = Good until
wizard-done-finish = Done

## Refresh

wizard-refresh-title = Refresh the lease
wizard-refresh-one = On a computer with internet, open { $portal }.
wizard-refresh-one-no-portal = On a computer with internet, open { $vendor }’s licence portal.
wizard-refresh-two = Choose the seat “{ $seat }”, number { $id }, and take its refresh token.
wizard-refresh-two-unnamed = Choose the seat with the number { $id } and take its refresh token.
wizard-refresh-three = Bring the token here.
wizard-refresh-label = Refresh token

## Deactivate

wizard-deactivate-title = Give this seat back?
wizard-deactivate-what = { $product } stops working on this computer immediately, and you get a deactivation token.
wizard-deactivate-then = The seat “{ $seat }” is free for another computer once the licence portal has that token.
wizard-deactivate-confirm = Deactivate now
wizard-deactivate-keep = Keep the licence

wizard-deactivated-title = Take this token to the licence portal
wizard-deactivated-label = Deactivation token
wizard-deactivated-gone = The licence was removed from this computer. The seat is free once the licence portal has this token.
wizard-deactivated-one = Open { $portal } and hand in the token.
wizard-deactivated-one-no-portal = Open { $vendor }’s licence portal and hand in the token.
wizard-deactivated-two = Come back and confirm that you have handed it in. Until then it stays here.
wizard-deactivated-delivered = I have handed it in
wizard-deactivated-later = Later
wizard-deactivated-sure = Has the licence portal confirmed it? The token can’t be shown again after this.
wizard-deactivated-sure-yes = Yes, it is handed in
wizard-deactivated-sure-no = Not yet

## Details

wizard-details-title = Details
wizard-details-hint = For { $vendor }’s support. It contains no secrets.
wizard-details-copy = Copy diagnostics
wizard-details-licence = Licence
wizard-details-computer = This computer
wizard-details-programme = Program
wizard-details-none = none
wizard-detail-vendor = Vendor
wizard-detail-vendor_id = Vendor ID
wizard-detail-product = Product
wizard-detail-product_number = Product number
wizard-detail-state = State
wizard-detail-state-not_activated = not activated
wizard-detail-state-active = active
wizard-detail-state-lease_expired = lease expired
wizard-detail-in_grace = In the grace period
wizard-detail-yes = yes
wizard-detail-no = no
wizard-detail-mode = Mode
wizard-detail-mode-offline = offline
wizard-detail-mode-online = online
wizard-detail-seat_id = Seat ID
wizard-detail-seat_name = Seat name
wizard-detail-activated_at = Activated
wizard-detail-lease_start = Start of the lease
wizard-detail-lease_expiry = Lease expiry
wizard-detail-grace_end = End of the grace period
wizard-detail-subscription_end = Subscription end
wizard-detail-pending_requests = Requests waiting
wizard-detail-outbox = Deactivations not handed in
wizard-detail-other_licences = Other licences here
wizard-detail-other-licence = seat { $seat } until { $expiry }, { $kind ->
    [keyring] in the keyring
   *[file] in the file { $path }
}
wizard-detail-store = Where the licence is kept
wizard-detail-store-keyring = keyring
wizard-detail-store-file = file
wizard-detail-store_path = File
wizard-detail-scope = For
wizard-detail-scope-user = this user
wizard-detail-scope-machine = all users of this computer
wizard-detail-key_ids = Vendor’s key IDs
wizard-detail-device_key_id = This computer’s key ID
wizard-detail-traits = Hardware traits
wizard-detail-now = Time that expiry is checked against
wizard-detail-clock = Clock
wizard-detail-clock-right = right, as far as is known
wizard-detail-clock-behind = far behind
wizard-detail-clock-ahead = has jumped ahead
wizard-detail-hardware = Hardware
wizard-detail-hardware-passes = as when it was activated
wizard-detail-hardware-key_only = can’t be compared; bound by this computer’s key alone
wizard-detail-hardware-in_grace = has changed; still running
wizard-detail-hardware-over = has changed; not running any more
wizard-detail-changed_traits = Changed traits
wizard-detail-surroundings = Runs in
wizard-detail-surroundings-computer = a computer
wizard-detail-surroundings-virtual_machine = a virtual machine
wizard-detail-surroundings-container = a container
wizard-detail-features = Features
wizard-detail-attributes = Attributes
wizard-detail-signer = Signed by the vendor’s key
wizard-detail-config = Configuration
wizard-detail-version = Version of the wizard
wizard-detail-system = Operating system
wizard-trait-os-install = operating system installation
wizard-trait-system-uuid = system ID
wizard-trait-board-serial = mainboard
wizard-trait-system-disk = system disk
wizard-trait-system-volume = system volume
wizard-trait-network-address = network card
wizard-trait-processor = processor
wizard-detail-local-time = { $local } ({ $utc })

## Help

wizard-help-title = How this works
wizard-help-one = This computer needs no internet. What it exchanges with the licence portal fits into a token: a short text that you carry over as a file, on the clipboard of a remote session, or on paper.
wizard-help-two = To activate, you carry a request out and a response back. To refresh, you bring one token in. To give the seat back, you carry one token out.
wizard-help-three = A token is good for this one purpose only. Nobody else can read it, and it doesn’t matter how often it is copied.
wizard-help-vendor = Questions? { $vendor } answers them:
wizard-help-portal = The licence portal:

## What keeps the wizard from starting

wizard-config-title = The wizard can’t read its configuration
wizard-config-file = File
wizard-config-line = Line
wizard-config-text = The line reads
wizard-config-reader = The TOML parser says
wizard-store-title = The place where the licence is kept can’t be used
wizard-store-outbox-elsewhere = { $count ->
    [one] A deactivation token that is kept in another place hasn’t been handed in yet. “{ $command_line } outbox” shows it.
   *[other] { $count } deactivation tokens that are kept in another place haven’t been handed in yet. “{ $command_line } outbox” shows them.
}
wizard-store-use-file = Keep the licence in a file instead
wizard-store-use-file-hint = The licence can also be kept in a file in your own folder, which only you can read and which works on this computer only.
wizard-store-copy-command = Copy the command
wizard-store-command-copied = The command is on the clipboard. Paste it into a terminal.

## Before the window closes

wizard-closing-title = What you copied will be lost
wizard-closing-text = This computer doesn’t keep the clipboard’s content when a window closes. Paste the text where you need it first, or save it to a file.
wizard-closing-stay = Stay here
wizard-closing-anyway = Close anyway

## Errors

wizard-clipboard_unavailable = The clipboard can’t be used.
    .action = Use “Save…” or “Open file…” instead.
wizard-clipboard_not_kept = The text didn’t arrive on the clipboard.
    .action = Another program may be using the clipboard. Press “Copy” again, or save the text to a file.
wizard-clipboard_empty = There is nothing on the clipboard.
    .action = Copy the token first, then press “Paste” again.
wizard-clipboard_not_text = The clipboard contains neither text nor a picture.
    .action = Copy the token as text, or a picture of its QR code, then press “Paste” again.
wizard-file_not_written = The file { $file } couldn’t be written: { $reason }.
    .action = Choose another folder. Nothing else has changed.
wizard-file_not_read = The file { $file } couldn’t be read: { $reason }.
    .action = Choose another file, or copy its text and paste it here.
wizard-file_too_large = { $file } is too large: all files together may have at most { $limit } MiB.
    .action = Choose only the file that holds the tokens.
wizard-picture_too_large = This picture has too many pixels to search.
    .action = Crop it to the QR code, or take a smaller picture.
wizard-picture_unreadable = This picture is damaged or incomplete.
    .action = Save it as PNG or JPEG and try again.
wizard-picture_no_code = No QR code can be made out in this picture.
    .action = Take the picture from closer up, straight from the front, sharp and without reflections. Or type the rows in.
wizard-picture_too_much_work = Searching this picture for a QR code takes too much work.
    .action = Crop it to the QR code, or take a picture of the code alone.
wizard-camera = The camera can’t be used.
    .action = Another program may be using it, or this computer doesn’t allow it. Take a picture with something else and open the file, or type the rows in.
wizard-not_printed = The print sheet can’t be shown.
    .action = Save the token to a file instead, and print it with another program. “{ $command_line } sheet” writes the sheet as well.
wizard-interrupted = The wizard couldn’t finish this.
    .action = Try again. If it happens again, close the wizard and start it again: nothing is lost.
wizard-no_display = There is no display here to open the wizard’s window on.
    .action = Start it on the desktop. Without one, “{ $command_line }” does the same on the command line.
wizard-no_webview = Microsoft Edge WebView2, which shows the wizard’s window, isn’t installed on this computer.
    .action = Install the WebView2 Runtime. For a computer without a connection, download its Evergreen Standalone Installer on another one, from https://developer.microsoft.com/microsoft-edge/webview2, and run it here as an administrator. Or use “{ $command_line }” on the command line, which does the same without a window.
wizard-too_few_colours = This display shows so few colours ({ $depth } bits) that the wizard’s window would stay empty.
    .action = Set the desktop, or the remote connection, to true colour (at least 16 bits) and start the wizard again; or use “{ $command_line }” on the command line.
wizard-clipboard_remote = The file that was copied isn’t on this computer: { $address }
    .action = Save it into a folder of this computer and press “Open file…”.
wizard-clipboard_many_files = More than { $limit } files were copied. That is more than are read at once.
    .action = Copy only the files that hold the tokens.
wizard-clipboard_no_file = The path of a file was copied, and there is no such file on this computer: { $path }
    .action = Open the file where it is and copy the text in it. Or save the file into a folder of this computer and press “Open file…”.
wizard-in-file = In the file { $file }: { $message }
wizard-no_window = The wizard’s window can’t be opened: { $reason }
    .action = Start it again. If it happens again, show this message to your administrator; “{ $command_line }” does the same on the command line.
wizard-reason-missing = it doesn’t exist
wizard-reason-permission = you aren’t allowed to
wizard-reason-no_folder = the folder doesn’t exist
wizard-reason-read_only = the disk is read-only
wizard-reason-full = the disk is full
wizard-reason-folder = it is a folder
wizard-reason-in_use = another program is using it
wizard-reason-windows_path = it is a Windows path
wizard-reason-address = it is an address, not a file on this computer
wizard-reason-variable = it contains a variable such as $HOME that no shell has replaced
wizard-reason-quoted = it is in quotes, which aren’t part of a path
wizard-reason-no_path = it isn’t the path of a file
wizard-reason-other = the system refused
