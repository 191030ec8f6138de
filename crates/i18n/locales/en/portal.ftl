# The End User Portal's pages. Its readers may use another person’s phone and may never have heard
# the word “token”.

## Its own errors

portal-unavailable = The licence portal can’t do that at the moment. Nothing has changed.
    .action = Try again in a few minutes. If it happens again, tell the vendor.
portal-busy = The licence portal is busy at the moment.
    .action = Try again in a minute. Nothing has changed.
portal-form = The form couldn’t be read.
    .action = Go back, and try again from the beginning.
portal-no_page = There is no such page.
    .action = Begin at the licence portal’s first page.

portal-limited = There were too many attempts in a short time.
    .action = { $seconds ->
        [one] Try again in a second.
       *[other] Try again in { $seconds } seconds.
    }
portal-no_batch = These answers aren’t here any more.
    .action = Hand the same text in again: you get the same answers.
portal-not_tls = Signing in needs TLS, and this page was opened without it.
    .action = Open it at an address that begins with https://, or on the machine that the portal runs on, as http://localhost with the portal’s port. Over plain http, browsers don’t keep the sign-in, and a passphrase can be read on its way.
portal-nothing = Nothing was pasted, and no file was chosen.
    .action = Paste the token, or choose the file or picture that it is in. Then hand it in.
portal-cookie_lost = If you have just signed in: the browser didn’t keep the sign-in.
    .action = Open this page at an address that begins with https://. Over plain http, browsers keep the sign-in at most on the machine that the portal runs on, as http://localhost. If the address begins with https:// already, allow cookies for it.

portal-in-file = In the file { $file }: { $message }
portal-skipped = { $count ->
    [one] One part of what you handed in can’t be used. The rest was read.
   *[other] { $count } parts of what you handed in can’t be used. The rest was read.
}
portal-skipped-others = { $count ->
    [one] And one more.
   *[other] And { $count } more.
}
portal-skipped-as_well = { $count ->
    [one] Another file can’t be used either.
   *[other] { $count } other files can’t be used either.
}
portal-picture_too_large = This picture has too many pixels to search.
    .action = Crop it to the QR code, or take a smaller picture.
portal-picture_unreadable = This picture is damaged or incomplete.
    .action = Save it again, as PNG or JPEG.
portal-picture_no_code = No QR code can be made out in this picture.
    .action = Take the picture from closer up, straight from the front, sharp and without reflections.
portal-picture_too_much_work = Searching this picture for a QR code takes too much work.
    .action = Crop it to the QR code, or take a picture of the code alone.

## The same refusals in words for people who have no command line

portal-none-free = No seat is free: { $count ->
    [one] the only one is in use.
   *[other] all { $count } are in use.
}
portal-none-free-next = Deactivate one of these computers and hand its deactivation token in here, or wait until a lease has run out. More seats can be bought from the vendor.
portal-code-unknown = This activation code isn’t known.
portal-code-unknown-next = Compare it with the delivery note, character by character.
portal-code-disabled = This activation code has been disabled.
portal-code-disabled-next = Ask the vendor for another one.
portal-wrong-product = This activation code is for { $belongs }, and the request is from { $asked }.
portal-wrong-product-next = Give the activation code that you got for { $asked }.
portal-other-code-title = Another activation code for this request
portal-other-code = The request itself is all right. Give the right activation code here. You needn’t go back to the computer: it accepts the response like any other.
portal-other-code-confirm = Continue with this code
portal-other-code-alone = To give another activation code for this request, hand it in alone.
portal-has-seat = This computer already has a seat of this activation code: “{ $name }”.
portal-has-seat-next = Hand the request in again, and don’t take a seat over.
portal-key-offline = This token can’t be opened at the moment.
portal-key-offline-next = Tell the vendor that the key { $key } is needed for it, then hand the token in again.
portal-not-granted = No lease can be granted, because its end would lie beyond the year 9999.
portal-not-granted-next = Tell the vendor.

## Everywhere

portal-skip = Skip to the content
portal-nav = Pages
portal-nav-start = Hand in a token
portal-nav-seats = My seats
portal-help = Help:
portal-back = Back to the start
portal-cancel = Cancel
portal-problem-title = That didn’t work
portal-problem-code = For support: { $code }
portal-moment = { $time }
portal-product = Product
portal-seat = Seat
portal-seat-number = Seat number
portal-state = State
portal-expiry = Lease expiry
portal-left = { $unit ->
    [days] { $count ->
        [one] 1 day left
       *[other] { $count } days left
    }
    [hours] { $count ->
        [one] 1 hour left
       *[other] { $count } hours left
    }
   *[minutes] { $count ->
        [one] 1 minute left
       *[other] { $count } minutes left
    }
}
portal-lease-until = Lease until
portal-activated = Activated
portal-seats-left = Seats left
portal-seats-left-of = { $left } of { $seats }
portal-seats-in-use = Seats in use
portal-seats-used-of = { $used } of { $seats }
portal-subscription-end = Subscription end
portal-repaired = { $count ->
    [one] One wrong character was repaired.
   *[other] { $count } wrong characters were repaired.
}

portal-state-active = active
portal-state-lease_expired = lease expired
portal-state-deactivated = deactivated
portal-state-reused = reused
portal-state-released = released
portal-state-ended = entitlement ended

## The one box

portal-start-title = What do you have from the computer?
portal-start-lead = Hand in what the computer without internet has given you. You get back what it needs.
portal-box-label = Token
portal-box-hint = Paste it in any form, e-mail and all. It is a long row of letters and digits that begins with LK.
portal-box-file = Or choose files: text, or a photograph of the QR code
portal-box-continue = Continue
portal-camera = Scan with the camera
portal-camera-stop = Stop the camera
portal-camera-sees = What the camera sees
portal-camera-read = QR codes read: { $count }. Press “Continue” when that is all.
portal-camera-refused = The camera can’t be used here. Choose a file or paste the token.
portal-ways-title = Do you only need to refresh the lease?
portal-ways-refresh = You don’t need anything from the computer for that, only the activation code.
portal-ways-seats = Choose the seat

portal-for-computer-title = This one goes to the computer
portal-for-computer = { $kind ->
    [refresh] This is a refresh token.
   *[response] This is a response token.
} Take it back to the computer without internet, and put it into the window there. There is nothing to be done with it here.

## Activate

portal-activate-title = Activate this computer?
portal-activate-confirm = Activate
portal-activate-reused = It gets the seat of “{ $old }”, whose lease has run out. That computer can’t be refreshed any more.
portal-again-title = This request was answered before
portal-again-lead = You can have the same response again. Nothing changes.
portal-again-confirm = Show the response
portal-granted-title = “{ $name }” is activated
portal-granted-clock-title = Set the clock of “{ $name }” right first
portal-granted-expired-title = The lease in this response is over: make a new request
portal-granted-again = This request was answered before. Here is the same response.
portal-granted-over = The seat was taken over. The installation that had it before can’t be refreshed any more.
portal-none-free-title = No seat is free
portal-in-use-title = These seats are in use
portal-takeover-title = Is “{ $name }” this same computer?
portal-takeover = It looks like it: the same computer before it was reinstalled, or another of its users. Then you can take its seat over.
portal-several-alike = More than one of these computers looks like yours, as computers made from one image do. So there is no telling whether one of the seats was your computer’s own. If the computer of a seat is gone, the vendor can release that seat.
portal-takeover-sure = Yes, it is the same computer. The computer that uses the seat “{ $name }” now can’t refresh it any more.
portal-takeover-confirm = Take the seat over

portal-renew-title = Renew the lease of this computer?
portal-renew-lead = This computer already has a seat and keeps it. Its lease starts again.
portal-renew-confirm = Renew
portal-renewed-title = The lease of “{ $name }” is renewed

## A token that is handed out

portal-token-label = { $kind ->
    [refresh] Refresh token
   *[response] Response token
}
portal-copy = Copy
portal-copied = { $count ->
    [one] Copied, { $count } character
   *[other] Copied, { $count } characters
}
portal-download = Save as a file
portal-sheet = Print sheet
portal-picture-title = As a picture
portal-picture-hint = For a computer with a camera, or to be photographed.
portal-picture = { $count ->
    [one] QR code of the token
   *[other] QR code { $number } of { $count } of the token
}
portal-mail = Send by e-mail
portal-mail-subject = { $kind ->
    [refresh] Refresh token for “{ $name }”
   *[response] Response token for “{ $name }”
}
portal-then-title = Then
portal-then-one = Take it back to the computer without internet.
portal-then-two = { $kind ->
    [refresh] Press “Refresh lease” in the window there.
   *[response] Press “I have the response” in the window there.
}
portal-then-three = Paste the token or open the file. The window shows immediately whether it is the right one.

## Deactivate

portal-deactivate-title = Give this seat back?
portal-deactivate-confirm = Give it back
portal-released-title = The seat “{ $name }” is free
portal-released = The seat “{ $name }” is free now. Another computer can be activated in its place.
portal-released-taken-title = The seat “{ $name }” has been given back
portal-released-taken = It has been given back early too often to be free at once, so no other computer can be activated in its place before { $until }.
portal-deactivate-taken = This seat has been given back early too often to be free at once. If you give it back now, no other computer can be activated in its place before { $until }.
portal-released-before-title = The seat “{ $name }” is free already
portal-released-before = This token was handed in before. Nothing has changed.
portal-noted-title = The seat “{ $name }” has been reused already
portal-noted = Another computer has this seat now, so nothing has changed. The token was noted.
portal-released-next = On the computer, confirm that you have handed in the token.

## My seats

portal-seats-title = My seats
portal-seats-lead = With the activation code you see all seats, and can get a refresh token for each.
portal-seat-lead = To see this seat and to refresh its lease, give the activation code.
portal-code-label = Activation code
portal-code-hint = From the vendor, in an e-mail or on your delivery note. Capitals, spaces and dashes don’t matter.
portal-code-seats = Show the seats
portal-code-seat = Show the seat
portal-seats-none = No computer is activated with this code yet.
portal-seats-past = { $count ->
    [one] { $count } former seat
   *[other] { $count } former seats
}
portal-seats-all = All seats
portal-refresh-confirm = Get a refresh token
portal-seat-details = Details
portal-refreshed-title = Refresh token for “{ $name }”
portal-refreshes-left = Refresh tokens until a request is needed
portal-needs-request = The next renewal needs a request from the computer itself; a refresh token isn’t enough. Choose “Renew with a request” there, then hand the request in here:
portal-last-refresh = The renewal after this one needs a request from the computer itself: choose “Renew with a request” there in good time.
portal-why-deactivated = This seat has been given back, so it can’t be refreshed. To use the product there again, make a new request on the computer and hand it in.
portal-why-reused = Another computer has this seat now, so it can’t be refreshed. To use the product there again, make a new request on the computer, with “Renew with a request” if its licence still runs, and hand it in.
portal-why-released = The vendor has released this seat, so it can’t be refreshed. To use the product there again, make a new request on the computer, with “Renew with a request” if its licence still runs, and hand it in.
portal-why-ended = The entitlement has ended, so the seat can’t be refreshed. Ask the vendor for a new one.

portal-history-title = History
portal-history-granted = Activated
portal-history-repeated = The response was shown again
portal-history-refreshed = Refreshed
portal-history-deactivated = Given back
portal-history-reused = Assigned to another computer
portal-history-released = Released by the vendor

portal-gone-title = This computer is gone
portal-gone-question = Is this computer gone?
portal-gone-lead = Lost, broken or sold without being deactivated? Tell the vendor. The seat stays taken until the vendor has released it.
portal-gone-confirm = Tell the vendor
portal-gone-since = The vendor was told on { $time }.
portal-gone-noted = The vendor has been told.
portal-gone-before = The vendor had been told before. Nothing has changed.
portal-gone-next = The seat stays taken until the vendor has released it.

## Many at once

portal-batch-title = { $count ->
    [one] One token was found
   *[other] { $count } tokens were found
}
portal-batch-requests = Requests
portal-batch-deactivations = Deactivations
portal-batch-for-computers = For computers, not for the portal
portal-batch-unreadable = Not readable
portal-batch-confirm = Answer them all
portal-batch-nothing = No action is needed for these here.
portal-batch-running-title = Answering the tokens
portal-batch-progress = { $done } of { $count }
portal-batch-wait = This page updates itself. You can leave it open; finished answers are kept.
portal-batch-done-title = All tokens have been processed
portal-batch-answered = Responses
portal-batch-released = Seats given back
portal-batch-refused = Refused
portal-batch-responses = Save all responses
portal-batch-responses-hint = One file for all computers: each finds its own response in it.
portal-batch-table = Save the table (CSV)
portal-batch-expired-title = These computers need new requests
portal-batch-expired = The leases in their responses are over, so these computers refuse their responses. Make a new request on each of them, with “Renew with a request” if its licence still runs, and hand it in.
portal-batch-clocks-title = Set these computers’ clocks right first
portal-batch-clocks = By their own clocks, the leases in their responses are over already. So these computers accept their responses only once their clocks are right. They need no new requests.
portal-batch-clock = What its clock showed
portal-batch-refusals-title = Refused
portal-batch-why = Why, and what to do
portal-batch-more = The table that you can save has all of them.

## The vendor’s pages

portal-vendor-sign-in-title = Admin pages
portal-vendor-sign-in = Sign in
portal-vendor-sign-out = Sign out { $name }
portal-vendor-name = Name
portal-vendor-passphrase = Passphrase
portal-vendor-number = Number from your app
portal-vendor-number-hint = Only if you have set it up.
portal-vendor-tls = Signing in works if this page’s address begins with https://, and on the machine that the portal runs on. Over plain http from elsewhere, the browser doesn’t keep the sign-in.
portal-vendor-title = Needs your attention
portal-vendor-overview = Overview
portal-vendor-back = Back to the overview
portal-vendor-products = Products
portal-vendor-entitlements = Entitlements
portal-vendor-audit = Audit
portal-clock = The clock of the vendor’s server shows { $now }, which may be wrong, so nothing is granted at the moment.
portal-clock-next = Hand this in again later. If it persists, tell the vendor.
portal-clock-disputed = The clock of the vendor’s server shows { $now }. This request was made on { $request } by its own computer’s clock. Because of the difference, it isn’t granted.
portal-clock-disputed-next = Check the date on that computer, make a new request there, and hand it in on the same day. If it is refused again, tell the vendor.
portal-vendor-clock = Nothing is granted
portal-vendor-clock-undecided = Requests are compared with the clock
portal-vendor-returns = Seats that are given back often
portal-vendor-returns-lead = Within 365 days, seats were given back early { $returns } times; the entitlement has { $seats ->
        [one] one seat
       *[other] { $seats } seats
    }. Perhaps one seat serves several computers.
portal-vendor-notices = Computers reported as gone
portal-vendor-notices-none = No computer has been reported as gone.
portal-vendor-since = Reported on
portal-vendor-said-gone = A person with the activation code reported on { $time } that this computer is gone.
portal-vendor-release = Release the seat
portal-vendor-release-now = Free at once, even if its lease still runs
portal-vendor-dismiss = Dismiss the notice
portal-vendor-taken-until = Counts as taken until
portal-vendor-product-add = Add a product
portal-vendor-product-name = Name of the product
portal-vendor-features = Features and their types
portal-vendor-features-hint = One per line, such as export=bool, nodes=pool or saves=count. They are numbered in this order, permanently.
portal-vendor-add = Add
portal-vendor-save = Save
portal-vendor-kit = The kit
portal-vendor-kit-lead = latchkey.toml goes beside the wizard, the constants into the product. Nothing in them is secret.
portal-vendor-address = Address of the licence portal
portal-vendor-address-hint = The whole address, beginning with https://. It is shown wherever a token has to be handed in.
portal-vendor-search = Search
portal-vendor-search-go = Search
portal-vendor-older = Older
portal-vendor-entitlement-add = Add an entitlement
portal-vendor-entitlement-change = Change the entitlement
portal-vendor-entitlement-change-lead = Leases that were granted stay as they are until their next refresh. What you leave empty is removed.
portal-vendor-entitlement-end = End the entitlement
portal-vendor-entitlement-end-lead = For good. Leases that were granted run out by themselves; none is renewed.
portal-vendor-entitlement-end-go = End it
portal-vendor-sure = Yes, I am sure
portal-vendor-overdraft = Overdraft
portal-vendor-overdraft-hint = Seats beyond the number of seats.
portal-vendor-lease-hint = Such as 30d, 2w, 1mo or 1y. Empty: nothing is granted offline.
portal-vendor-grace-hint = How long the product runs on after lease expiry. May be empty.
portal-vendor-request-every-hint = Such as 3: two refreshes, then a request from the computer itself, so that a copy of its licence is noticed. 1: a request each time. Empty: refreshes are enough.
portal-vendor-end-hint = Such as 2027-12-31, to the end of that day in UTC. Empty: no end.
portal-vendor-values-hint = One per line, such as export=true.
portal-vendor-attributes = Attributes
portal-vendor-codes-own = Activation codes of your own choice
portal-vendor-codes-own-hint = One per line. Leave empty to generate a code of 20 symbols that reveals typing errors.
portal-vendor-code-own = An activation code of your own choice
portal-vendor-code-own-hint = Leave empty to generate a code of 20 symbols that reveals typing errors.
portal-vendor-code-add = Add a code
portal-vendor-code-disable = Disable
portal-vendor-code-disabled = disabled
portal-vendor-scope = Who the licence is for
portal-vendor-scope-user = Per user account
portal-vendor-scope-machine = For all users of the computer
portal-vendor-store = Where it is kept
portal-vendor-store-keyring = In the keyring; without one, a person may choose a file
portal-vendor-store-file = In a file
portal-vendor-store-only = In the keyring only
