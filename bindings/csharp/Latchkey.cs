// May this product run? C#'s view of the C library. Any rule about licences is the library's.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace Latchkey
{
    /// <summary>Whose licence it is.</summary>
    public enum Scope : uint
    {
        /// <summary>That of whoever is logged in.</summary>
        User = 0,
        /// <summary>Everybody's on the computer.</summary>
        Machine = 1,
    }

    /// <summary>Where the licence may be kept.</summary>
    public enum Store : uint
    {
        /// <summary>In the keyring; a person without one may choose a file.</summary>
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

    /// <summary>Why the wizard is opened: it begins where that is put right.</summary>
    public enum Reason : uint { Asked = 0, Activate = 1, Refresh = 2, Deactivate = 3 }

    /// <summary>A product: what it believes, and never takes from a file. LatchkeyProduct.cs of the kit has one.</summary>
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

    /// <summary>A call failed. Decide by the code or the number (docs/errors.md), never by the words.</summary>
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
        /// <summary>What the person can do next; the message says what happened.</summary>
        public string Action { get; private set; }
    }

    /// <summary>What a check said.</summary>
    public sealed class Verdict : IDisposable
    {
        private static readonly DateTime Epoch = new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        private readonly VerdictHandle handle;

        internal Verdict(VerdictHandle handle) { this.handle = handle; }

        public Kind Kind { get { return (Kind)Native.latchkey_verdict_kind(handle); } }
        /// <summary>Whether the product may run.</summary>
        public bool MayRun { get { return Native.latchkey_verdict_may_run(handle); } }
        /// <summary>The number of its sentence, and its stable name.</summary>
        public uint Number { get { return Native.latchkey_verdict_number(handle); } }
        public string Code { get { return Said(Native.latchkey_verdict_name); } }
        /// <summary>How it stands, as a sentence for the person, and what they can do next.</summary>
        public string Message { get { return Said(Native.latchkey_verdict_message); } }
        public string Action { get { return Said(Native.latchkey_verdict_action); } }
        /// <summary>Why to open the wizard after this verdict.</summary>
        public Reason Reason { get { return (Reason)Native.latchkey_verdict_reason(handle); } }
        public string Seat { get { return Said(Native.latchkey_verdict_seat); } }
        public string SeatName { get { return Said(Native.latchkey_verdict_seat_name); } }
        public DateTime? LeaseExpiry { get { return Time(Native.latchkey_verdict_lease_expiry(handle)); } }
        /// <summary>When the product stops, grace included.</summary>
        public DateTime? RunsUntil { get { return Time(Native.latchkey_verdict_runs_until(handle)); } }
        public DateTime? SubscriptionEnd { get { return Time(Native.latchkey_verdict_subscription_end(handle)); } }
        /// <summary>The time that all of this was judged by.</summary>
        public DateTime? EffectiveNow { get { return Time(Native.latchkey_verdict_effective_now(handle)); } }
        /// <summary>Days until the lease ends: 30 on the first day of thirty, 1 within the last 24 hours, 0 once it is over.</summary>
        public uint DaysLeft { get { return Native.latchkey_verdict_days_left(handle); } }
        /// <summary>Days until the product stops, grace included, counted in the same way.</summary>
        public uint DaysUntilStop { get { return Native.latchkey_verdict_days_until_stop(handle); } }

        /// <summary>Whether the product may run and the licence includes this feature.</summary>
        public bool HasFeature(uint feature) { return Native.latchkey_verdict_has_feature(handle, feature); }
        /// <summary>How many elements or uses the licence includes, if the product may run.</summary>
        public ulong Limit(uint feature) { return Native.latchkey_verdict_limit(handle, feature); }
        /// <summary>The value of an attribute, or null.</summary>
        public string Attribute(string key)
        {
            return Said(verdict => Native.latchkey_verdict_attribute(verdict, Native.Bytes(key)));
        }

        /// <summary>The hardware traits that have changed, by their stable names.</summary>
        public IList<string> ChangedTraits
        {
            get
            {
                var names = new List<string>();
                string name;
                while ((name = Said(verdict => Native.latchkey_verdict_changed_trait(verdict, (UIntPtr)(uint)names.Count))) != null)
                    names.Add(name);
                return names;
            }
        }

        public void Dispose() { handle.Dispose(); }

        /// <summary>A string that lives as long as the library's verdict.</summary>
        private string Said(Func<VerdictHandle, IntPtr> ask)
        {
            var added = false;
            try
            {
                handle.DangerousAddRef(ref added);
                return Native.Text(ask(handle));
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

    /// <summary>A product's view of its licence. Open one and keep it; any number of threads may use it at once.</summary>
    public sealed class Licence : IDisposable
    {
        private readonly LicenceHandle handle;

        private Licence(LicenceHandle handle) { this.handle = handle; }

        /// <summary>Knows where the product's licence is. Nothing is read yet.</summary>
        public static Licence Open(Product product) { return Open(product, null); }

        /// <summary>The same with the licence in a file of its own: for tests of the product.</summary>
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

        /// <summary>Chooses the language of the sentences by a tag like "de"; without it the environment does.</summary>
        public void SetLanguage(string tag)
        {
            IntPtr error;
            Native.Check(Native.latchkey_set_language(handle, Native.Bytes(tag), out error), error);
        }

        /// <summary>A person without a keyring wants the licence to be kept in a file.</summary>
        public void KeepInFile()
        {
            IntPtr error;
            Native.Check(Native.latchkey_keep_in_file(handle, out error), error);
        }

        /// <summary>Asks how it stands: verifies the vendor's signatures with the compiled-in keys.</summary>
        public Verdict Check()
        {
            VerdictHandle verdict;
            IntPtr error;
            Native.Check(Native.latchkey_check(handle, out verdict, out error), error);
            return new Verdict(verdict);
        }

        /// <summary>What the last check said, without looking at anything, and how long ago that was.</summary>
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

        /// <summary>Has a function called, on the thread that checks, whenever a check finds something else. It may check, and close any licence.</summary>
        public void OnChange(Action listener)
        {
            ChangeCallback callback = (user, verdict) => listener();
            IntPtr error;
            lock (handle.Listeners) handle.Listeners.Add(callback);
            Native.Check(Native.latchkey_on_change(handle, callback, IntPtr.Zero, out error), error);
        }

        /// <summary>Checks in the background every so many seconds; 0 ends it.</summary>
        public void Watch(uint seconds)
        {
            IntPtr error;
            Native.Check(Native.latchkey_watch(handle, seconds, out error), error);
        }

        /// <summary>Throws where an activation code looks mistyped, and says where. It may be used all the same.</summary>
        public void CompareActivationCode(string code)
        {
            IntPtr error;
            Native.Check(Native.latchkey_compare_activation_code(handle, Native.Bytes(code), out error), error);
        }

        /// <summary>Makes a request token, which the person takes to the licence portal.</summary>
        public string GenerateOfflineActivationRequestToken(string code, string seatName)
        {
            IntPtr token, error;
            Native.Check(Native.latchkey_generate_offline_activation_request_token(
                handle, Native.Bytes(code), Native.Bytes(seatName), out token, out error), error);
            return Native.Kept(token);
        }

        /// <summary>The newest request that waits for its response, or null.</summary>
        public string PendingRequestToken()
        {
            IntPtr token, error;
            Native.Check(Native.latchkey_pending_request_token(handle, out token, out error), error);
            return Native.Kept(token);
        }

        /// <summary>Applies the response token in a text, whatever else the text holds.</summary>
        public void ActivateOffline(string response)
        {
            IntPtr error;
            Native.Check(Native.latchkey_activate_offline(handle, Native.Bytes(response), out error), error);
        }

        /// <summary>Applies the refresh token in a text, which prolongs the lease.</summary>
        public void RefreshLeaseOffline(string refresh)
        {
            IntPtr error;
            Native.Check(Native.latchkey_refresh_lease_offline(handle, Native.Bytes(refresh), out error), error);
        }

        /// <summary>Gives the seat back: the licence is gone in the same instant.</summary>
        public string DeactivateOffline()
        {
            IntPtr token, error;
            Native.Check(Native.latchkey_deactivate_offline(handle, out token, out error), error);
            return Native.Kept(token);
        }

        /// <summary>Deactivations that haven't been confirmed as delivered: id and token, oldest first.</summary>
        public IList<KeyValuePair<string, string>> UndeliveredDeactivations()
        {
            var found = new List<KeyValuePair<string, string>>();
            while (true)
            {
                IntPtr id, token, error;
                Native.Check(Native.latchkey_undelivered_deactivation(
                    handle, (UIntPtr)(uint)found.Count, out id, out token, out error), error);
                if (id == IntPtr.Zero) return found;
                found.Add(new KeyValuePair<string, string>(Native.Kept(id), Native.Kept(token)));
            }
        }

        /// <summary>The person says that the licence portal has this deactivation.</summary>
        public void ConfirmDelivered(string id)
        {
            IntPtr error;
            Native.Check(Native.latchkey_confirm_delivered(handle, Native.Bytes(id), out error), error);
        }

        /// <summary>Opens the wizard in a folder, or the one on the search path. Doesn't wait for it.</summary>
        public static void OpenWizard(Reason reason, string folder)
        {
            IntPtr error;
            Native.Check(Native.latchkey_open_wizard(Native.Bytes(folder), (uint)reason, out error), error);
        }

        /// <summary>Closes it, also in a callback of its own; afterwards no other callback of it begins or runs.</summary>
        public void Dispose() { handle.CloseNow(); }
    }
}
