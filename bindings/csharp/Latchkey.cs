// May this product run? A wrapper of the C library, which implements all rules about licences.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace Latchkey
{
    /// <summary>Whose licence it is.</summary>
    public enum Scope : uint
    {
        /// <summary>Each user of the computer has a licence of their own.</summary>
        User = 0,
        /// <summary>All users of the computer share one licence.</summary>
        Machine = 1,
    }

    /// <summary>Where the licence may be stored.</summary>
    public enum Store : uint
    {
        /// <summary>In the keyring. A user without a keyring may choose a file.</summary>
        Keyring = 0,
        /// <summary>In a file.</summary>
        File = 1,
        /// <summary>In the keyring and nowhere else.</summary>
        KeyringOnly = 2,
    }

    /// <summary>Which verdict it is.</summary>
    public enum Kind : uint
    {
        Active = 1, InGrace = 2, Expired = 3, NotActivated = 4, ClockSuspect = 5, HardwareChanged = 6,
        StoreUnavailable = 7, Tampered = 8,
    }

    /// <summary>Why the wizard is opened. It decides the screen that the wizard starts
    /// with.</summary>
    public enum Reason : uint { Asked = 0, Activate = 1, Refresh = 2, Deactivate = 3 }

    /// <summary>A product definition: facts that are compiled in and never read from a file.
    /// LatchkeyProduct.cs in the kit contains one.</summary>
    public sealed class Product
    {
        /// <summary>16 hex digits.</summary>
        public string VendorId;
        public uint Number;
        /// <summary>128 hex digits each, the active one first.</summary>
        public string[] VendorKeys;
        public string VendorName = "";
        public string Name = "";
        public Scope Scope;
        public Store Store;
    }

    /// <summary>A call failed. Decide by the code or the number (docs/errors.md), never by the
    /// message.</summary>
    public sealed class LatchkeyException : Exception
    {
        internal LatchkeyException(uint number, string code, string message, string action) : base(message)
        {
            Number = number;
            Code = code;
            Action = action;
        }

        public uint Number { get; private set; }
        public string Code { get; private set; }
        /// <summary>What the end user can do next. The message is what happened.</summary>
        public string Action { get; private set; }
    }

    /// <summary>The result of a check.</summary>
    public sealed class Verdict : IDisposable
    {
        private static readonly DateTime Epoch = new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        private readonly VerdictHandle handle;

        internal Verdict(VerdictHandle handle) { this.handle = handle; }

        public Kind Kind { get { return (Kind)Native.latchkey_verdict_kind(handle); } }
        /// <summary>Whether the product may run.</summary>
        public bool MayRun { get { return Native.latchkey_verdict_may_run(handle); } }
        /// <summary>The number of its message, and its stable name.</summary>
        public uint Number { get { return Native.latchkey_verdict_number(handle); } }
        public string Code { get { return Text(Native.latchkey_verdict_name); } }
        /// <summary>The licence's status, as a sentence for the end user, and what they can do
        /// next.</summary>
        public string Message { get { return Text(Native.latchkey_verdict_message); } }
        public string Action { get { return Text(Native.latchkey_verdict_action); } }
        /// <summary>The reason to open the wizard with after this verdict.</summary>
        public Reason Reason { get { return (Reason)Native.latchkey_verdict_reason(handle); } }
        public string Seat { get { return Text(Native.latchkey_verdict_seat); } }
        public string SeatName { get { return Text(Native.latchkey_verdict_seat_name); } }
        public DateTime? LeaseExpiry { get { return Time(Native.latchkey_verdict_lease_expiry(handle)); } }
        /// <summary>Until when the product may run, grace included.</summary>
        public DateTime? RunsUntil { get { return Time(Native.latchkey_verdict_runs_until(handle)); } }
        public DateTime? SubscriptionEnd { get { return Time(Native.latchkey_verdict_subscription_end(handle)); } }
        /// <summary>The time that the verdict is based on.</summary>
        public DateTime? EffectiveNow { get { return Time(Native.latchkey_verdict_effective_now(handle)); } }
        /// <summary>The days until the lease ends: 30 on the first day of thirty, 1 within the last
        /// 24 hours, 0 once it has expired.</summary>
        public uint DaysLeft { get { return Native.latchkey_verdict_days_left(handle); } }
        /// <summary>The days until the product may no longer run, counted in the same
        /// way.</summary>
        public uint DaysUntilStop { get { return Native.latchkey_verdict_days_until_stop(handle); } }

        /// <summary>Whether the product may run and its licence includes a feature.</summary>
        public bool HasFeature(uint feature) { return Native.latchkey_verdict_has_feature(handle, feature); }
        /// <summary>How many elements or uses the licence includes, if the product may
        /// run.</summary>
        public ulong Limit(uint feature) { return Native.latchkey_verdict_limit(handle, feature); }
        /// <summary>The value of an attribute, or null.</summary>
        public string Attribute(string key)
        {
            return Text(verdict => Native.latchkey_verdict_attribute(verdict, Native.Bytes(key)));
        }

        /// <summary>The hardware traits that have changed, by their stable names.</summary>
        public IList<string> ChangedTraits
        {
            get
            {
                var names = new List<string>();
                string name;
                Func<VerdictHandle, IntPtr> next = verdict =>
                    Native.latchkey_verdict_changed_trait(verdict, (UIntPtr)(uint)names.Count);
                while ((name = Text(next)) != null) names.Add(name);
                return names;
            }
        }

        public void Dispose() { handle.Dispose(); }

        /// <summary>Copies one of the verdict's strings.</summary>
        private string Text(Func<VerdictHandle, IntPtr> read)
        {
            var added = false;
            try
            {
                handle.DangerousAddRef(ref added);
                return Native.Text(read(handle));
            }
            finally
            {
                if (added) handle.DangerousRelease();
            }
        }

        private static DateTime? Time(long seconds)
        {
            return seconds == 0 ? (DateTime?)null : Epoch.AddSeconds(seconds);
        }
    }

    /// <summary>A product's view of its licence. Open it once and keep it; any number of threads
    /// may use it at the same time.</summary>
    public sealed class Licence : IDisposable
    {
        private readonly LicenceHandle handle;

        private Licence(LicenceHandle handle) { this.handle = handle; }

        /// <summary>Opens a product's licence. Nothing is read until the first check.</summary>
        public static Licence Open(Product product) { return Open(product, null); }

        /// <summary>Opens a product's licence in a file of its own, which is useful in the
        /// product's tests.</summary>
        public static Licence OpenFile(Product product, string file) { return Open(product, file); }

        private static Licence Open(Product product, string file)
        {
            var keys = new List<byte>();
            foreach (var key in product.VendorKeys) keys.AddRange(Hex(key));
            var vendorName = Native.Bytes(product.VendorName);
            var name = Native.Bytes(product.Name);
            var pinned = new List<GCHandle>();
            try
            {
                Func<byte[], IntPtr> pin = bytes =>
                {
                    pinned.Add(GCHandle.Alloc(bytes, GCHandleType.Pinned));
                    return pinned[pinned.Count - 1].AddrOfPinnedObject();
                };
                var definition = new ProductDefinition
                {
                    Size = (UIntPtr)(uint)Marshal.SizeOf(typeof(ProductDefinition)),
                    VendorId = Hex(product.VendorId),
                    Number = product.Number,
                    Scope = (uint)product.Scope,
                    Store = (uint)product.Store,
                    VendorKeyCount = (uint)product.VendorKeys.Length,
                    VendorKeys = pin(keys.ToArray()),
                    VendorName = pin(vendorName),
                    Name = pin(name),
                };
                LicenceHandle licence;
                IntPtr error;
                var number = file == null
                    ? Native.latchkey_open(ref definition, out licence, out error)
                    : Native.latchkey_open_file(ref definition, Native.Bytes(file), out licence, out error);
                Native.Check(number, error);
                return new Licence(licence);
            }
            finally
            {
                foreach (var one in pinned) one.Free();
            }
        }

        private static byte[] Hex(string text)
        {
            var bytes = new byte[text.Length / 2];
            for (var at = 0; at < bytes.Length; at++) bytes[at] = Convert.ToByte(text.Substring(2 * at, 2), 16);
            return bytes;
        }

        /// <summary>Sets the language of the messages by a tag such as "de". By default the
        /// environment decides.</summary>
        public void SetLanguage(string tag)
        {
            IntPtr error;
            Native.Check(Native.latchkey_set_language(handle, Native.Bytes(tag), out error), error);
        }

        /// <summary>Stores the licence in a file instead of the keyring. Call it when a user who
        /// has no keyring agrees to it.</summary>
        public void KeepInFile()
        {
            IntPtr error;
            Native.Check(Native.latchkey_keep_in_file(handle, out error), error);
        }

        /// <summary>Checks the licence. The vendor's signatures are verified with the keys that are
        /// compiled in.</summary>
        public Verdict Check()
        {
            VerdictHandle verdict;
            IntPtr error;
            Native.Check(Native.latchkey_check(handle, out verdict, out error), error);
            return new Verdict(verdict);
        }

        /// <summary>Returns the verdict of the last check and its age, without checking
        /// again.</summary>
        public Verdict LastVerdict(out TimeSpan age)
        {
            VerdictHandle verdict;
            IntPtr error;
            ulong nanoseconds;
            Native.Check(Native.latchkey_last_verdict(handle, out verdict, out nanoseconds, out error), error);
            age = TimeSpan.FromTicks((long)(nanoseconds / 100));
            return new Verdict(verdict);
        }

        /// <summary>Fails under an offline lease, and says why.</summary>
        public void CheckoutFeature(uint feature, ulong count)
        {
            IntPtr error;
            Native.Check(Native.latchkey_checkout_feature(handle, feature, count, out error), error);
        }

        /// <summary>Fails under an offline lease, and says why.</summary>
        public void ReturnFeature(uint feature, ulong count)
        {
            IntPtr error;
            Native.Check(Native.latchkey_return_feature(handle, feature, count, out error), error);
        }

        /// <summary>Registers a function that is called on the thread that checks when a verdict
        /// differs from the previous one. It may check and close any licence.</summary>
        public void OnChange(Action listener)
        {
            IntPtr error;
            var user = handle.AddListener(listener);
            try
            {
                Native.Check(Native.latchkey_on_change(handle, LicenceHandle.Callback, user, out error), error);
            }
            catch
            {
                handle.RemoveListener(user);
                throw;
            }
        }

        /// <summary>Checks in the background at an interval in seconds; 0 stops it.</summary>
        public void Watch(uint seconds)
        {
            IntPtr error;
            Native.Check(Native.latchkey_watch(handle, seconds, out error), error);
        }

        /// <summary>Throws an exception that names the part of an activation code that looks
        /// mistyped. The code may be used all the same.</summary>
        public void CompareActivationCode(string code)
        {
            IntPtr error;
            Native.Check(Native.latchkey_compare_activation_code(handle, Native.Bytes(code), out error), error);
        }

        /// <summary>Makes a request token, which the user takes to the licence portal.</summary>
        public string GenerateOfflineActivationRequestToken(string code, string seatName)
        {
            IntPtr token, error;
            Native.Check(Native.latchkey_generate_offline_activation_request_token(
                handle, Native.Bytes(code), Native.Bytes(seatName), out token, out error), error);
            return Native.TakeString(token);
        }

        /// <summary>Returns the newest request token that still waits for its response, or
        /// null.</summary>
        public string PendingRequestToken()
        {
            IntPtr token, error;
            Native.Check(Native.latchkey_pending_request_token(handle, out token, out error), error);
            return Native.TakeString(token);
        }

        /// <summary>Applies the response token in a text and ignores other text around
        /// it.</summary>
        public void ActivateOffline(string response)
        {
            IntPtr error;
            Native.Check(Native.latchkey_activate_offline(handle, Native.Bytes(response), out error), error);
        }

        /// <summary>Applies the refresh token in a text, which extends the lease.</summary>
        public void RefreshLeaseOffline(string refresh)
        {
            IntPtr error;
            Native.Check(Native.latchkey_refresh_lease_offline(handle, Native.Bytes(refresh), out error), error);
        }

        /// <summary>Releases the seat and removes the licence at once. Show the token until the
        /// user confirms its delivery.</summary>
        public string DeactivateOffline()
        {
            IntPtr token, error;
            Native.Check(Native.latchkey_deactivate_offline(handle, out token, out error), error);
            return Native.TakeString(token);
        }

        /// <summary>The ids and tokens of the deactivations that haven't been confirmed as
        /// delivered, oldest first.</summary>
        public IList<KeyValuePair<string, string>> UndeliveredDeactivations()
        {
            var found = new List<KeyValuePair<string, string>>();
            while (true)
            {
                IntPtr id, token, error;
                Native.Check(Native.latchkey_undelivered_deactivation(
                    handle, (UIntPtr)(uint)found.Count, out id, out token, out error), error);
                if (id == IntPtr.Zero) return found;
                found.Add(new KeyValuePair<string, string>(Native.TakeString(id), Native.TakeString(token)));
            }
        }

        /// <summary>Records that the licence portal has received a deactivation.</summary>
        public void ConfirmDelivered(string id)
        {
            IntPtr error;
            Native.Check(Native.latchkey_confirm_delivered(handle, Native.Bytes(id), out error), error);
        }

        /// <summary>Starts the wizard, and returns without waiting for it. The path is that of the
        /// wizard's program, or of the folder with latchkey-wizard in it.</summary>
        public static void OpenWizard(Reason reason, string folder)
        {
            IntPtr error;
            Native.Check(Native.latchkey_open_wizard(Native.Bytes(folder), (uint)reason, out error), error);
        }

        /// <summary>Closes the licence, even in a callback of its own. Afterwards no other callback
        /// of it starts or is running.</summary>
        public void Dispose() { handle.CloseNow(); }
    }
}
