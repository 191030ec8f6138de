# What a product says about its licence: the SDK's verdicts, and its errors.

verdict-active = The licence is valid until { $expiry }.
    .action = Nothing needs to be done.
verdict-in_grace = The lease expired on { $expiry }. The product still runs until { $until }.
    .action = Get a refresh token from the licence portal and enter it in the licence window.
verdict-expired = The lease expired on { $expiry }.
    .action = Open the licence window and enter a refresh token from the licence portal, or make a new request.
verdict-not_activated = This product isn’t activated on this computer.
    .action = Open the licence window, make a request and take it to the licence portal.
verdict-clock_behind = This computer’s clock shows { $wall }, but it has already been { $effective } here.
    .action = Set the clock right. If it is right, enter a refresh token from the licence portal: it corrects the time without a connection.
verdict-clock_ahead = This computer’s clock has jumped ahead to { $wall }. The licence follows it, and the product runs until { $until }.
    .action = If the clock is wrong, set it right now: after the next restart, that may take a refresh token. If it is right, nothing needs to be done.
verdict-over_by_clock = By this computer’s clock ({ $wall }), the lease has expired: it ran until { $expiry }.
    .action = If the clock is wrong, set it right, and the licence works again immediately. If it is right, open the licence window and enter a refresh token from the licence portal.
verdict-hardware_changed = This computer has changed since its licence was granted: { $traits }. The product runs until { $until }.
    .action = Open the licence window, make a new request and take it to the licence portal. The response keeps this computer’s seat.
verdict-other_hardware = This isn’t the computer that the licence was granted to, or it has changed: { $traits }.
    .action = Open the licence window, make a new request and take it to the licence portal. The response keeps this computer’s seat.
verdict-other_computer = This isn’t the computer that the licence was granted to: nothing that identifies a computer matches ({ $traits }).
    .action = Open the licence window on this computer and make a request. If the seat belongs to this computer, the response keeps it.
verdict-hardware_unrecorded = This computer has changed since its licence was granted: { $traits }. The seven days to fix that begin only once the change is recorded, which wasn’t possible.
    .action = Open the licence window once; if the licence is for all users of this computer, an administrator has to do so. Or make a new request there and take it to the licence portal: the response keeps this computer’s seat.

feature-offline = Features can’t be checked out or returned under an offline lease: nothing would count what is in use on other computers. A Local License Server in the isolated network could do so, but this version can’t use one yet.
    .action = What the licence includes can be used on this computer as it is, without being checked out.
feature-not_included = The licence doesn’t include this feature (number { $feature }).
    .action = Ask the vendor for it. It comes with the next refresh token.

sdk-no_key = This product was built without its vendor’s keys, so it can’t verify any licence.
    .action = Tell the vendor. The keys are in the kit that “latchkey-server kit” writes.
sdk-no_wizard = The licence window can’t be opened: { $name } isn’t there.
    .action = Install the product again, or start the licence window yourself.
sdk-wizard_failed = The licence window can’t be opened: { $reason }
    .action = Start the licence window yourself, or show this message to your administrator.
sdk-argument = This product called the licensing library incorrectly ({ $argument }).
    .action = Tell the vendor: it is a defect of the product.
sdk-internal = An internal error occurred in the licensing library.
    .action = Start the product again. If it happens again, tell the vendor.
sdk-not_checked = The licence hasn’t been checked yet.
    .action = Tell the vendor: it is a defect of the product.
