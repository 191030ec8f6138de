# What the vendor's side refuses, and what can be wrong with its data. An error's id is its code
# with dashes for dots; the value says what happened, `.action` what to do next.

# The vendor's data: keys and database.

vendor-already_set_up = A vendor is already set up in { $folder }.
    .action = Choose another folder with --data, or continue with the vendor that is already there.
vendor-not_set_up = No vendor is set up in { $folder }.
    .action = Run “latchkey-server init --vendor NAME” first, or name the right folder with --data.
vendor-keys_without_database = There are signing keys in { $folder }, but no database.
    .action = Stop the portal, and check that --data names the right folder before you move anything. Then move the data folder aside as it is and keep it, and put your backup in its place with “latchkey-server restore --from”. If it is a backup that has no database, use another one. If you start over instead, keep the folder “keys” in a safe place anyway: products that carry these keys need them.
data-not_written = { $path } can’t be written: { $reason ->
        [missing] the folder doesn’t exist
        [permission] you aren’t allowed to
        [read_only] the disk is read-only
        [full] the disk is full
        [exists] it already exists
        [link] it is a link
        [owner] it belongs to another user
        [not_private] this disk doesn’t keep files private, and every user of this computer could read the signing keys
        [in_use] another program is using it
       *[other] the system refused
    }.
    .action = { $reason ->
        [not_private] Choose a folder on a disk with permissions of its own, not on a Windows disk (NTFS, exFAT, a Windows folder in WSL), or have it mounted so that its files are yours alone (“umask=077”). Nothing has changed.
        [in_use] Close the other program, and try again. Nothing has changed.
       *[other] Make room or give permission, then try again. Nothing has changed.
    }
keys-missing = The signing key { $file } isn’t there.
    .action = Put it back from your backup. Without the active key nothing can be granted.
keys-not_read = The signing key { $file } can’t be read: { $reason ->
        [permission] you aren’t allowed to
        [folder] it is a folder
        [link] it is a link
        [owner] it belongs to another user
        [in_use] another program is using it
       *[other] the system refused
    }.
    .action = { $reason ->
        [folder] Put the key’s file from your backup in the place of this folder.
        [link] Put the file itself in the place of the link.
        [in_use] Close the other program, and try again.
       *[other] Run this as the user who owns the keys.
    }
keys-readable_by_others = Other users may read or change { $file }, which must be the owner’s alone.
    .action = Set the permissions first, as the keys aren’t used before that: “chmod 700” for the keys folder, “chmod 600” for the files in it, and on Windows only this user, SYSTEM and the administrators under “Security” in its properties. If another user may have read the active key, consider it stolen and rotate the keys: “latchkey-server key rotate”. If the spare key was in that folder too, it isn’t safe either: rotate, deliver products with new kits to your customers at once, and rotate again as soon as they have them. Within an hour of the first rotation, a second one changes nothing. A Windows disk (NTFS, exFAT, a Windows folder in WSL) usually has no such permissions, and “chmod” changes nothing there: move the data folder to a disk that has them, or have the disk mounted with “umask=077”.
keys-malformed = { $file } isn’t a signing key.
    .action = Put the file back from your backup.
keys-not_ours = { $file } isn’t a key of this vendor.
    .action = Put the right file back from your backup. Keys and database belong together.
keys-sealed = The signing key { $file } is sealed with a passphrase, and none was given.
    .action = Name a file that holds it with --passphrase-file, or put it into the variable LATCHKEY_PASSPHRASE.
keys-wrong_passphrase = The signing key { $file } doesn’t open with this passphrase.
    .action = Give the right one. A key that was elsewhere when the others were sealed keeps its earlier passphrase: seal all of them with that one (“latchkey-server key seal”). If the passphrase is right, the file was altered: restore it from your backup.
keys-not_written = { $path } can’t be written: { $reason ->
        [permission] you aren’t allowed to
        [read_only] the disk is read-only
        [full] the disk is full
        [exists] a file that isn’t a readable key of yours is in the way
        [link] it is a link
        [owner] it belongs to another user
        [not_private] this disk doesn’t keep files private, and every user of this computer could read the signing keys
        [in_use] another program is using it
       *[other] the system refused
    }.
    .action = { $reason ->
        [exists] Move this file out of the keys folder, then try again. Nothing is overwritten, and keys are recognised by their content, so no other file has to be renamed.
        [link] Put the folder or the file itself in the place of the link, then try again.
        [owner] Run this as the user who owns the keys folder. If the file has a second name elsewhere (a hard link), put a copy of it in its place, because otherwise it would be changed in the other place too.
        [in_use] Close the other program, and try again. The interrupted operation is then completed.
       *[other] Make room or give permission, then try again. The interrupted operation is then completed.
    }
backup-exists = { $path } already exists, and nothing is overwritten.
    .action = Choose another folder, or move this one away first.
backup-not_written = { $path } can’t be written: { $reason ->
        [missing] a file or folder is missing
        [permission] you aren’t allowed to
        [read_only] the disk is read-only
        [full] the disk is full
        [exists] a file is in the way
        [link] it is a link
        [owner] it belongs to another user
        [not_private] this disk doesn’t keep files private, and every user of this computer could read the signing keys
        [in_use] another program is using it
       *[other] the system refused
    }.
    .action = { $reason ->
        [not_private] Choose a folder on a disk with permissions of its own, not on a Windows disk (NTFS, exFAT, a Windows folder in WSL), or have it mounted so that its files are yours alone (“umask=077”). Nothing has changed.
        [in_use] Close the other program, and try again. Nothing has changed.
       *[other] Make room or give permission, then try again. Nothing has changed.
    }
operator-unknown = There is no operator “{ $name }”.
    .action = “latchkey-server operator list” shows the operators.
operator-taken = There is already an operator “{ $name }”.
    .action = Choose another name.
operator-passphrase_short = A passphrase has { $least } to { $most } characters.
    .action = Choose another one. Several words make a good passphrase.
sign_in-refused = The name, the passphrase or the number from your app is wrong.
    .action = Try again. After five wrong attempts nobody can sign in under this name from your address for a quarter of an hour.
sign_in-locked = There were too many wrong attempts. Nobody can sign in under this name from your address until { $until }.
    .action = Wait, sign in from elsewhere, or have an administrator set a new passphrase with “latchkey-server operator passphrase”.
notice-none = No notice about the seat { $seat } is open.
    .action = “latchkey-server notice list” shows the notices.
notice-no_returns = No notice about early returns of the entitlement { $entitlement } is open.
    .action = “latchkey-server notice list” shows the notices.
clock-behind = This machine’s clock shows { $now }, but the newest record is from { $newest }. One of the two is wrong, so nothing is granted.
    .action = If the clock is wrong, set it right. If it is right, confirm it with “latchkey-server clock confirm”.
clock-ahead = This machine’s clock shows { $now }. That is { $days ->
        [one] a day
       *[other] { $days } days
    } more than the newest record, from { $newest }, and the machine’s running time explain, so nothing is granted.
    .action = If the clock is wrong, set it right. If it is right, confirm it with “latchkey-server clock confirm”.
clock-disputed = This machine’s clock shows { $now }, but this request was made on { $request } by its own computer’s clock, and the newest record is from { $newest }. It isn’t granted.
    .action = Check this machine’s clock. If it is right, confirm it with “latchkey-server clock confirm” and hand the request in again.
database-busy = The database has been in use by another program for too long.
    .action = Try again in a moment. Nothing has changed.
database-full = The disk is full, so the database can’t be written.
    .action = Make room, then try again. Nothing has changed.
database-read_only = The database can’t be written: the file, its folder or the disk is read-only.
    .action = Give this user permission to write there, then try again. Nothing has changed.
database-readable_by_others = Other users may read or change { $file }, which must be the owner’s alone.
    .action = If it has not been misused: “chmod 600” for the file, and on Windows only this user, SYSTEM and the administrators under “Security” in its properties. If another user may have read it, give new activation codes, and set up the operators’ second factors again. A Windows disk (NTFS, exFAT, a Windows folder in WSL) usually has no such permissions, and “chmod” changes nothing there: move the data folder to a disk that has them, or have the disk mounted with “umask=077”.
database-not_opened = The database can’t be opened: { $reason }.
    .action = Check that the data folder exists and that this user may read and write it.
database-damaged = The database is damaged, or it isn’t a Latchkey database ({ $reason }).
    .action = Stop the portal, and check that --data names the right folder before you move anything. Then move the data folder aside as it is and keep it, and put your backup in its place with “latchkey-server restore --from”. If it is the backup that is damaged, use another one.
database-newer = The database was made by a newer version (layout { $found }, this version knows up to { $known }).
    .action = Update latchkey-server.
database-failed = The database reported a failure: { $reason }.
    .action = Try again. If it happens again, check whether the disk is healthy. Nothing has changed.

# Products and entitlements.

name-invalid = “{ $name }” can’t be used as a name.
    .action = Give a name of 1 to { $limit } characters without line breaks.
product-unknown = There is no product { $product }.
    .action = “latchkey-server product list” shows the products.
product-name_taken = There is already a product “{ $name }”.
    .action = Choose another name.
feature-key_invalid = “{ $key }” can’t be the key of a feature.
    .action = A key begins with a letter and has up to 40 letters, digits, “_” and “-”.
feature-key_twice = Two features can’t both be called “{ $key }”.
    .action = Choose keys that differ in more than capitals, “_” and “-”.
feature-unknown = The product has no feature “{ $key }”.
    .action = { $count ->
        [0] It has no features.
       *[other] Its features are: { $known }.
    }
feature-wrong_value = “{ $value }” isn’t a value for the feature “{ $key }”.
    .action = { $type ->
        [bool] It is “true” or “false”.
       *[other] It is a whole number from 0 to 9223372036854775807.
    }
attribute-invalid = “{ $key }” can’t be an attribute with this value.
    .action = Key and value have at least one character each and no control characters.
terms-too_long = Features and attributes take { $bytes } bytes together, and a token has room for { $limit }.
    .action = Shorten or leave out attributes.
entitlement-unknown = There is no entitlement { $entitlement }.
    .action = “latchkey-server entitlement list” shows the entitlements.
entitlement-seats_out_of_range = { $seats } can’t be a number of seats.
    .action = Give a number from 1 to { $limit }; the overdraft may be 0.
activation_code-taken = The activation code { $code } is in use already, perhaps written differently.
    .action = Choose another one. O and 0, I, L and 1, U and V count as the same; dashes and spaces don’t count.

# What is refused.

code-unknown = This activation code isn’t known.
    .action = Compare it with the delivery note, character by character. The right one can be given for the same request: on the licence portal, or with activate --code.
code-disabled = This activation code has been disabled.
    .action = Ask the vendor for another one. It can be given for the same request: on the licence portal, or with activate --code.
code-own_is_valid = The activation code in this request is valid, so no other one counts for it.
    .action = Hand the request in without another code. If the computer is to be activated with the other code, make a new request with it there.
entitlement-ended = This entitlement has ended.
    .action = Ask the vendor for a new one.
entitlement-subscription_over = The subscription ended on { $end }.
    .action = Renew the subscription, then hand this in again.
entitlement-no_offline_lease = This entitlement can’t be used offline: it has no offline lease period.
    .action = Ask the vendor to allow offline use.
request-wrong_product = This activation code is for { $belongs }, and the request is from { $asked }.
    .action = Give the activation code of { $asked }. It can be given for the same request: on the licence portal, or with activate --code.
request-changed = This request was handed in before with other content.
    .action = Make a new request on the computer.
seat-none_free = No seat is free: { $count ->
        [one] the only one is in use
       *[other] all { $count } are in use
    }, with this lease expiry: { $seats }.
    .action = { $like ->
        [none] Deactivate one of these computers and hand its deactivation token in, or wait until a lease has run out. More seats can be bought from the vendor.
        [several] More than one of these computers looks like the one that sent this request, as computers made from one image do, so there is no telling whether one of the seats was its own. Deactivate one of these computers and hand in its deactivation token, or release the seat of one that is gone: “latchkey-server seat release”.
       *[other] The seat “{ $like_name }” seems to be this computer’s own, from before it was reinstalled or for another of its users. To take it over, hand the same request in with --take-over { $like }: the installation that has it now can’t refresh it any more. Otherwise deactivate one of these computers and hand in its deactivation token.
    }
device-copied = Two computers use the same copy of a licence store.
    .action = If only one of the two is left, because the licence moved to it or its parts were replaced, make another request there, with “Renew with a request” if its licence still runs, and one more each time that it is refused like this. The computer then keeps its seat. If both are in use, move the copy aside on the computer that has it: “doctor” on the command line shows there whether the licence is in a file or in the keyring. Rename that file; or save the content of this product’s item in the keyring to a file that only you can read, and only then remove the item. Then make a new request there, for a seat of its own. Keep what you moved aside, and leave the other computer as it is.
takeover-limit = This seat has moved to another computer or to changed hardware { $limit } times within { $days } days, which is the limit.
    .action = Ask the vendor to release the seat.
takeover-not_same_computer = The computer that sent this request doesn’t look like the one that has the seat “{ $seat }”.
    .action = Deactivate the other computer and hand in its deactivation token, or ask the vendor to release its seat.
takeover-several_alike = Computers of other seats look as much like the one that sent this request as the computer of the seat “{ $seat }” does. Computers made from one image look alike, so none of them is assumed to be this one.
    .action = Deactivate the other computer and hand in its deactivation token, or ask the vendor to release the seat if its computer is gone.
takeover-other_entitlement = The seat { $seat } doesn’t belong to this activation code.
    .action = Choose one of the seats of this activation code.
takeover-has_seat = This computer already has a seat of this activation code: { $seat }, “{ $name }”.
    .action = Hand the same request in without --take-over to get that seat again. If the other seat isn’t needed any more, release it.
seat-unknown = There is no seat { $seat }.
    .action = Compare the number with the one on the computer’s screen.
seat-reused = The seat is now used by another computer.
    .action = Activate this computer again: make a new request on it, with “Renew with a request” if its licence still runs.
seat-deactivated = The seat has been deactivated.
    .action = To use it again, make a new request on the computer.
seat-released = The vendor has released this seat.
    .action = Make a new request on the computer, with “Renew with a request” if its licence still runs. Or ask the vendor.
refresh-needs_request = This renewal needs a request from the computer itself, as { $every ->
        [1] every renewal of this licence does
       *[other] one in { $every } renewals of this licence does
    }. A refresh token isn’t enough.
    .action = Choose “Renew with a request” on the computer, or run “request --renew” on the command line there. Hand the request in and apply the response. Until then nothing changes.
deactivation-superseded = This deactivation token is older than the newest activation of its seat.
    .action = Nothing has changed. To give the seat back, deactivate on the computer and hand in the new token.
deactivation-other_device = This deactivation token isn’t from the computer that has the seat.
    .action = Hand in the token that was made on that computer.
deactivation-unknown_device = This deactivation token is from a computer that never had a seat here.
    .action = Hand it in to the vendor of the product that created it.
token-not_for_this_vendor = This token is for another vendor (key { $key }).
    .action = Hand it in at the portal that the computer names.
token-key_offline = This token is for the signing key { $key }, which isn’t on this machine.
    .action = Put the key’s file back into the folder “keys”, then hand the token in again.
lease-not_granted = The lease can’t be calculated: its end would lie beyond the year 9999.
    .action = Shorten the offline lease period or the grace period of this entitlement.
