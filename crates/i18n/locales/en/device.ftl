# What can go wrong on the computer. An error's id is its code with dashes for dots; the value says
# what happened, `.action` what to do next.

## The life of the licence

lease-active = This licence is active until { $until }, so there is nothing to request.
    .action = To extend it, get a refresh token from the licence portal, or choose “Renew with a request” (on the command line “request --renew”) if the vendor requires a request. To move it to another computer, deactivate it here first and hand in the deactivation token.
lease-not_activated = There is no licence on this computer that could be deactivated.
    .action = If a deactivation token hasn’t been handed in yet, it is still in the outbox.
lease-already_over = By this computer’s clock ({ $now }), the lease in this token had already expired on { $lease_expiry }. Nothing has changed here.
    .action = If the clock is wrong, set it right and use the same token again. If it is right, get a new token from the licence portal: a new refresh token, or the response to a new request.
lease-nothing_to_renew = There is no licence on this computer that could be renewed.
    .action = Activate first: make a request without --renew and take it to the licence portal.
response-not_pending = This response doesn’t answer any request that is waiting here.
    .action = Make a new request and take it to the licence portal. A response to a request that was dropped, or that was made before an activation, can no longer be used.
response-older = This response, granted on { $activated_at }, is older than the refresh that is in use here.
    .action = Nothing needs to be done. If the portal still requires a request for the next renewal, make a new one.
refresh-older = This refresh token, issued on { $issued_at }, is older than what is in use here.
    .action = Nothing needs to be done. To extend the lease, get a new refresh token from the licence portal.
refresh-other_seat = This refresh token is for seat { $seat }, and this computer has seat { $here }.
    .action = Choose seat { $here } in the licence portal and get its refresh token.
refresh-not_activated = This is a refresh token, and there is no licence on this computer that it could refresh.
    .action = Activate first: make a request and take it to the licence portal.
token-other_computer = This token was made for another computer, or for another user of this one.
    .action = Use it where its request was made. For this computer, hand in the request that is shown here.
token-other_product = This token is for another product on this computer: { $product }.
    .action = Use it in the licence window of { $product }.
token-other_vendor = This token is for another vendor’s product on this computer: { $product } by { $vendor }.
    .action = Use it in the licence window of { $product }.
outbox-full = { $entries } deactivation tokens haven’t been handed in yet.
    .action = Take one of them to the licence portal. Only once the portal has confirmed it, confirm here that it was handed in: the token can’t be shown again after that. Then make the request.
outbox-no_such_entry = No deactivation token with this ID is waiting here.
    .action = Check the list again: it may have been confirmed already.

## The keyring

store-no_session = This computer’s keyring can’t be reached: there is no desktop session here (on Linux: no D-Bus session bus).
    .action = Log in on the desktop and try again.
store-no_service = There is no keyring in this session (no Secret Service).
    .action = Install GNOME Keyring, KWallet or another one and log in again.
store-not_initialised = This computer’s keyring has never been set up.
    .action = Open “Passwords and Keys”, or your desktop’s own program for it, and create a default keyring. Then try again.
store-locked = This computer’s keyring is locked.
    .action = Unlock it with your login password and try again.
store-denied = This computer’s keyring is locked and its prompt wasn’t answered, or it refused access.
    .action = Try again and answer the keyring’s prompt with your login password.
store-too_large = The licence has { $bytes } bytes, more than this computer’s keyring takes.
    .action = Tell the vendor’s support about it: with fewer features or attributes it fits.
store-keyring = This computer’s keyring failed: { $reason }
    .action = Try again. If it happens again, show this message to your administrator.
store-session_only = This computer’s keyring would forget the licence when you log out: its default keyring lives for this session only.
    .action = Open “Passwords and Keys”, or your desktop’s own program for it, create a keyring and make it the default. Then try again. Or keep the licence in a file, if the vendor allows that.
store-no_answer = This computer’s keyring isn’t responding. It may be waiting for its password, or its program has stopped.
    .action = If a window asks for a password, answer it. Then try again; if that doesn’t help, log out and in again.
store-forked = This computer’s keyring can’t be read here: this process was forked from one that had already connected to it or was about to.
    .action = Tell the vendor’s support about it. The product’s developers can check the licence only in the worker processes and not before the fork, start these as new programs, or keep the licence in a file.
store-unsupported = This program doesn’t support keyrings on this system.
    .action = Ask the vendor how the licence can be kept on this system.

## The file

store-file_forbidden = The vendor doesn’t allow the licence to be kept in a file.
    .action = Use the keyring, or ask the vendor.
store-no_folder = This user has no home folder that the licence could be kept in.
    .action = Log in as a user with a home folder, or set HOME.
store-no_machine_id = This installation of the operating system has no ID, and no serial number of this computer can be read, so a file can’t be bound to it.
    .action = On Linux, an administrator can run “systemd-machine-id-setup”. Then try again.
store-other_machine = The licence in { $path } belongs to another computer, or to this one before too many of its parts were replaced.
    .action = Leave the file where it is, because the other computer needs it. If the licence is for all users of this computer, an administrator has to open the licence window once. Otherwise activate this computer with a request of its own and leave that path out (on the command line “--store file request”). If this is the same computer, put the old part back, or ask the vendor to release the old seat.
store-read_only = { $path } can’t be written: the disk is read-only.
    .action = Make it writable. Nothing has changed.
store-full = { $path } can’t be written: the disk is full.
    .action = Make some room and try again. Nothing has changed.
store-permission = { $owner ->
        [none] You aren’t allowed to use { $path }.
       *[other] You aren’t allowed to use { $path }: in your home folder, { $folder } belongs to { $owner }. Probably a program was once run there with “sudo”.
    }
    .action = { $owner ->
        [none] Ask an administrator. A licence for all users of this computer is activated by an administrator.
       *[other] Make it yours again with “{ $command }”, or ask an administrator to do so. Then try again.
    }
store-no_key = The key { $path } that belongs to this licence is missing.
    .action = Ask an administrator to restore it from a backup. If there is none, the licence runs until its lease ends. Then rename the licence’s file and keep it, activate again, and ask the vendor to release the old seat.
store-link = { $path } is a link to another file.
    .action = Give the path of the file that it points to.
store-windows_path = { $path } is a Windows path, and would be the name of a single file on this system.
    .action = Give a path of this system, such as /home/kim/licence.
store-other_owner = { $path } belongs to another user, who could have put anything there, so it isn’t used.
    .action = Ask an administrator to check it. If it is the licence of this computer, for example because files were copied or restored, the administrator can make it belong to the right user again. Otherwise have it moved to a safe place and kept there, activate again, and ask the vendor to release the old seat if there was one.
store-open_to_others = Other users may change { $path }, or may read it although it is secret, so it isn’t used.
    .action = Ask an administrator to remove that permission. If another user may have read or changed the file, tell the vendor. A disk that keeps no permissions, such as a memory stick or a camera’s card, is no place for it.
store-file = { $path } can’t be used: { $reason ->
        [not_folder] a file is in the way, where one of the folders of this path should be
        [folder] it is a folder, and not a file
        [not_file] it is not a file
        [loop] links in this path lead in a circle
        [too_long] its name is too long for this disk
        [missing] a folder of this path is missing
        [device] the disk failed while it was read or written
        [gone] the network folder isn’t there any more
        [in_use] another program is using it
       *[other] { $reason }
    }.
    .action = { $reason ->
        [not_folder] Rename that file or move it away, and try again.
        [device] Have the disk checked, and try again.
        [gone] Connect to the network folder again, and try again.
        [in_use] Close the other program, and try again.
        [folder] Add the name of a file to this path.
       *[other] Check this path, and try again.
    }

## What is kept

store-damaged = { $place ->
        [file] What is in { $path } isn’t a licence, or it was damaged.
        [item] What the keyring keeps as “{ $path }” isn’t a licence, or it was damaged.
       *[unknown] What is kept here isn’t a licence, or it was damaged.
    }
    .action = { $place ->
        [item] Restore the keyring from a backup if there is one. Otherwise save the content of this item to a file that only you can read, and keep it for the vendor’s support. Then remove the item, activate again, and ask the vendor to release the old seat.
       *[other] Restore it from a backup if there is one. Otherwise rename it and keep it for the vendor’s support, activate again, and ask the vendor to release the old seat.
    }
store-empty = { $path } is empty: the disk was full, or copying it was interrupted.
    .action = Restore it from a backup if there is one. Otherwise rename it, make room on the disk, activate again, and ask the vendor to release the old seat.
store-newer = { $place ->
        [file] The licence in { $path } was saved by a newer version of this program (format { $version }).
        [item] The licence that the keyring keeps as “{ $path }” is from a newer version of this program (format { $version }).
       *[unknown] The licence was saved by a newer version of this program (format { $version }).
    }
    .action = Use that newer version.
store-other_product = { $place ->
        [file] The licence of another product is kept in { $path }.
        [item] The keyring keeps the licence of another product as “{ $path }”.
       *[unknown] The licence of another product is kept there.
    }
    .action = Choose that product’s configuration, or another place for this one.
store-busy = Another program has been using the licence for a long time.
    .action = Close other licence windows of this product and try again.
store-not_read_back = What was stored couldn’t be read back as it was written, so it isn’t used.
    .action = Try again. If it happens again, ask your administrator.

## The configuration

config-not_found = The configuration { $path } doesn’t exist.
    .action = Put the vendor’s { $config_file } there, or give its path.
config-not_read = The configuration { $path } can’t be read: { $reason ->
        [missing] it doesn’t exist
        [permission] you aren’t allowed to
        [folder] it is a folder
        [in_use] another program is using it
       *[other] the system refused
    }.
    .action = { $reason ->
        [missing] Put the vendor’s { $config_file } there, or give its path.
        [permission] Check the file’s permissions.
        [folder] Give the path of the file in it, such as { $config_file }.
        [in_use] Close the other program, and try again.
       *[other] Check the disk or the network folder that it is on, and try again.
    }
config-too_large = The configuration has more than { $limit } bytes.
    .action = Get { $config_file } from the vendor again.
config-not_text = The configuration isn’t saved in UTF-8: see line { $line }.
    .action = Save it as UTF-8, or get { $config_file } from the vendor again.
config-other_file = The configuration isn’t a text file, but { $kind ->
        [picture] a picture ({ $format })
        [archive] an archive ({ $format })
        [document] a document ({ $format })
        [program] something else: { $format }
        [encrypted] an encrypted file ({ $format })
       *[binary] a file of an unknown kind
    }.
    .action = Get { $config_file } from the vendor again. If it came in an archive, unpack it first.
config-syntax = The configuration has a syntax error in line { $line }, column { $column }.
    .action = Each line is a section such as [portal], a field such as url = "https://…" with its text in straight quotes, or a comment after #. Correct the line, or get { $config_file } from the vendor again.
config-unknown_field = The configuration has an unknown field “{ $field }” in line { $line }, column { $column }.
    .action = Check its spelling, or update this program.
config-missing_field = The configuration lacks “{ $field }”: see the section in line { $line }.
    .action = Add it, or get { $config_file } from the vendor again.
config-value = The value of “{ $field }” in the configuration, line { $line }, column { $column }, is wrong. It should be { $expected ->
        [text] text in quotes, not empty
        [section] a section
        [keys] one or more [[vendor.key]] sections
        [number] a whole number from 1 to 4294967295
        [id] 16 hex digits in quotes
        [public_key] 128 hex digits in quotes that are two public keys
        [unique] something that doesn’t occur there yet
        [feature_kind] "bool", "pool" or "count"
        [scope] "user" or "machine"
        [store_kind] "keyring" or "file"
        [permission] "allowed" or "forbidden"
        [colour] a colour like "#3b5bdb"
        [address] an address that begins with https://
        [file_name] the name of a file beside the configuration
        [languages] a list of languages like ["en", "de"]
        [app_id] a reverse domain name like "com.acme.cad"
       *[other] something else
    }.
    .action = Correct this line, or get { $config_file } from the vendor again.
config-format = The configuration has format { $found } (line { $line }), which this version doesn’t know.
    .action = Update this program.
config-conflict = In the configuration, “{ $field }” in line { $line }, column { $column } conflicts with “{ $with }”.
    .action = Change one of the two.
config-no_vendor_key = The configuration has no key of the vendor.
    .action = Get { $config_file } from the vendor again.

## What this program runs in

surroundings-virtual_machine = This is a virtual machine{ $by ->
    [none] .
   *[other] { " " }({ $by }).
} A copy of it isn’t a second licence, and if it is reset to an earlier state, so is its licence.
surroundings-container = This is a container{ $by ->
    [none] .
   *[other] { " " }({ $by }).
} When it is deleted, so is its licence: deactivate first and hand in the deactivation token, or keep the licence in a volume that outlives it.
