// The declarations of the C library. latchkey.h documents the functions.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;

namespace Latchkey
{
    [StructLayout(LayoutKind.Sequential)]
    internal struct ProductDefinition
    {
        internal UIntPtr Size;
        [MarshalAs(UnmanagedType.ByValArray, SizeConst = 8)] internal byte[] VendorId;
        internal uint Number;
        internal uint Scope;
        internal uint Store;
        internal uint VendorKeyCount;
        internal IntPtr VendorKeys;
        internal IntPtr VendorName;
        internal IntPtr Name;
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal delegate void ChangeCallback(IntPtr user, IntPtr verdict);

    /// <summary>A licence of the library. It can't be closed while a call uses it, nor
    /// twice.</summary>
    internal sealed class LicenceHandle : SafeHandle
    {
        /// <summary>The one function that the library calls, for all licences. It is never
        /// collected: the library may call it until it has closed the licence, which for a licence
        /// that nobody disposed of is later than the collection of everything that belongs to
        /// it.</summary>
        internal static readonly ChangeCallback Callback = Call;

        /// <summary>The listeners by the number that the library passes to the callback. The
        /// references are weak, so that a listener that refers to its licence doesn't keep it
        /// open.</summary>
        private static readonly Dictionary<long, WeakReference> All = new Dictionary<long, WeakReference>();
        private static long lastNumber;

        /// <summary>The listeners of this licence, which live as long as it does.</summary>
        private readonly Dictionary<long, Action> listeners = new Dictionary<long, Action>();

        internal LicenceHandle() : base(IntPtr.Zero, true) { }
        public override bool IsInvalid { get { return handle == IntPtr.Zero; } }

        protected override bool ReleaseHandle()
        {
            Native.latchkey_close(handle);
            lock (All)
            {
                foreach (var number in listeners.Keys) All.Remove(number);
            }
            return true;
        }

        /// <summary>Adds a listener, and returns what the library has to pass to the
        /// callback.</summary>
        internal IntPtr AddListener(Action listener)
        {
            lock (All)
            {
                lastNumber++;
                listeners.Add(lastNumber, listener);
                All.Add(lastNumber, new WeakReference(listener));
                return (IntPtr)lastNumber;
            }
        }

        /// <summary>Removes a listener that could not be registered. The licence may have been
        /// closed before the listener was added, so that nothing else removes it.</summary>
        internal void RemoveListener(IntPtr user)
        {
            lock (All)
            {
                listeners.Remove((long)user);
                All.Remove((long)user);
            }
        }

        private static void Call(IntPtr user, IntPtr verdict)
        {
            Action listener = null;
            lock (All)
            {
                WeakReference found;
                if (All.TryGetValue((long)user, out found)) listener = (Action)found.Target;
            }
            if (listener != null) listener();
        }

        /// <summary>Closes it now, even if calls are using it. No callback runs
        /// afterwards.</summary>
        internal void CloseNow()
        {
            var added = false;
            try
            {
                if (IsClosed || IsInvalid) return;
                DangerousAddRef(ref added);
                Native.latchkey_close(DangerousGetHandle());
            }
            catch (ObjectDisposedException) { }
            finally
            {
                if (added) DangerousRelease();
                Dispose();
            }
        }
    }

    /// <summary>A verdict of the library. It can't be freed while a call uses it, nor
    /// twice.</summary>
    internal sealed class VerdictHandle : SafeHandle
    {
        internal VerdictHandle() : base(IntPtr.Zero, true) { }
        public override bool IsInvalid { get { return handle == IntPtr.Zero; } }
        protected override bool ReleaseHandle() { Native.latchkey_verdict_free(handle); return true; }
    }

    internal static class Native
    {
        private const string Library = "latchkey";
        private const CallingConvention C = CallingConvention.Cdecl;

        [DllImport(Library, CallingConvention = C)] internal static extern void latchkey_string_free(IntPtr text);
        [DllImport(Library, CallingConvention = C)] internal static extern uint latchkey_error_number(IntPtr error);
        [DllImport(Library, CallingConvention = C)] internal static extern IntPtr latchkey_error_name(IntPtr error);
        [DllImport(Library, CallingConvention = C)] internal static extern IntPtr latchkey_error_message(IntPtr error);
        [DllImport(Library, CallingConvention = C)] internal static extern IntPtr latchkey_error_action(IntPtr error);
        [DllImport(Library, CallingConvention = C)] internal static extern void latchkey_error_free(IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        internal static extern uint latchkey_open(ref ProductDefinition product, out LicenceHandle licence, out IntPtr error);
        [DllImport(Library, CallingConvention = C)]
        internal static extern uint latchkey_open_file(ref ProductDefinition product, byte[] file, out LicenceHandle licence, out IntPtr error);
        [DllImport(Library, CallingConvention = C)] internal static extern void latchkey_close(IntPtr licence);
        [DllImport(Library, CallingConvention = C)]
        internal static extern uint latchkey_set_language(LicenceHandle licence, byte[] tag, out IntPtr error);
        [DllImport(Library, CallingConvention = C)]
        internal static extern uint latchkey_keep_in_file(LicenceHandle licence, out IntPtr error);
        [DllImport(Library, CallingConvention = C)]
        internal static extern uint latchkey_check(LicenceHandle licence, out VerdictHandle verdict, out IntPtr error);
        [DllImport(Library, CallingConvention = C)]
        internal static extern uint latchkey_last_verdict(LicenceHandle licence, out VerdictHandle verdict, out ulong age, out IntPtr error);
        [DllImport(Library, CallingConvention = C)]
        internal static extern uint latchkey_on_change(LicenceHandle licence, ChangeCallback callback, IntPtr user, out IntPtr error);
        [DllImport(Library, CallingConvention = C)]
        internal static extern uint latchkey_watch(LicenceHandle licence, uint every, out IntPtr error);
        [DllImport(Library, CallingConvention = C)]
        internal static extern uint latchkey_checkout_feature(LicenceHandle licence, uint feature, ulong count, out IntPtr error);
        [DllImport(Library, CallingConvention = C)]
        internal static extern uint latchkey_return_feature(LicenceHandle licence, uint feature, ulong count, out IntPtr error);
        [DllImport(Library, CallingConvention = C)]
        internal static extern uint latchkey_compare_activation_code(LicenceHandle licence, byte[] code, out IntPtr error);
        [DllImport(Library, CallingConvention = C)]
        internal static extern uint latchkey_generate_offline_activation_request_token(
            LicenceHandle licence, byte[] code, byte[] seatName, out IntPtr token, out IntPtr error);
        [DllImport(Library, CallingConvention = C)]
        internal static extern uint latchkey_pending_request_token(LicenceHandle licence, out IntPtr token, out IntPtr error);
        [DllImport(Library, CallingConvention = C)]
        internal static extern uint latchkey_activate_offline(LicenceHandle licence, byte[] response, out IntPtr error);
        [DllImport(Library, CallingConvention = C)]
        internal static extern uint latchkey_refresh_lease_offline(LicenceHandle licence, byte[] refresh, out IntPtr error);
        [DllImport(Library, CallingConvention = C)]
        internal static extern uint latchkey_deactivate_offline(LicenceHandle licence, out IntPtr token, out IntPtr error);
        [DllImport(Library, CallingConvention = C)]
        internal static extern uint latchkey_undelivered_deactivation(
            LicenceHandle licence, UIntPtr index, out IntPtr id, out IntPtr token, out IntPtr error);
        [DllImport(Library, CallingConvention = C)]
        internal static extern uint latchkey_confirm_delivered(LicenceHandle licence, byte[] id, out IntPtr error);
        [DllImport(Library, CallingConvention = C)]
        internal static extern uint latchkey_open_wizard(byte[] folder, uint reason, out IntPtr error);

        [DllImport(Library, CallingConvention = C)] internal static extern uint latchkey_verdict_kind(VerdictHandle verdict);
        [DllImport(Library, CallingConvention = C)]
        [return: MarshalAs(UnmanagedType.I1)]
        internal static extern bool latchkey_verdict_may_run(VerdictHandle verdict);
        [DllImport(Library, CallingConvention = C)] internal static extern uint latchkey_verdict_number(VerdictHandle verdict);
        [DllImport(Library, CallingConvention = C)] internal static extern IntPtr latchkey_verdict_name(VerdictHandle verdict);
        [DllImport(Library, CallingConvention = C)] internal static extern IntPtr latchkey_verdict_message(VerdictHandle verdict);
        [DllImport(Library, CallingConvention = C)] internal static extern IntPtr latchkey_verdict_action(VerdictHandle verdict);
        [DllImport(Library, CallingConvention = C)] internal static extern uint latchkey_verdict_reason(VerdictHandle verdict);
        [DllImport(Library, CallingConvention = C)] internal static extern IntPtr latchkey_verdict_seat(VerdictHandle verdict);
        [DllImport(Library, CallingConvention = C)] internal static extern IntPtr latchkey_verdict_seat_name(VerdictHandle verdict);
        [DllImport(Library, CallingConvention = C)] internal static extern long latchkey_verdict_lease_expiry(VerdictHandle verdict);
        [DllImport(Library, CallingConvention = C)] internal static extern long latchkey_verdict_runs_until(VerdictHandle verdict);
        [DllImport(Library, CallingConvention = C)] internal static extern long latchkey_verdict_subscription_end(VerdictHandle verdict);
        [DllImport(Library, CallingConvention = C)] internal static extern long latchkey_verdict_effective_now(VerdictHandle verdict);
        [DllImport(Library, CallingConvention = C)] internal static extern uint latchkey_verdict_days_left(VerdictHandle verdict);
        [DllImport(Library, CallingConvention = C)] internal static extern uint latchkey_verdict_days_until_stop(VerdictHandle verdict);
        [DllImport(Library, CallingConvention = C)]
        [return: MarshalAs(UnmanagedType.I1)]
        internal static extern bool latchkey_verdict_has_feature(VerdictHandle verdict, uint feature);
        [DllImport(Library, CallingConvention = C)] internal static extern ulong latchkey_verdict_limit(VerdictHandle verdict, uint feature);
        [DllImport(Library, CallingConvention = C)] internal static extern IntPtr latchkey_verdict_attribute(VerdictHandle verdict, byte[] key);
        [DllImport(Library, CallingConvention = C)] internal static extern IntPtr latchkey_verdict_changed_trait(VerdictHandle verdict, UIntPtr index);
        [DllImport(Library, CallingConvention = C)] internal static extern void latchkey_verdict_free(IntPtr verdict);

        /// <summary>Converts a string for C. Null becomes NULL.</summary>
        internal static byte[] Bytes(string text)
        {
            return text == null ? null : Encoding.UTF8.GetBytes(text + "\0");
        }

        /// <summary>Copies a string of the library, which may be null.</summary>
        internal static string Text(IntPtr text)
        {
            if (text == IntPtr.Zero) return null;
            var length = 0;
            while (Marshal.ReadByte(text, length) != 0) length++;
            var bytes = new byte[length];
            Marshal.Copy(text, bytes, 0, length);
            return Encoding.UTF8.GetString(bytes);
        }

        /// <summary>Copies and frees a string that the library handed out.</summary>
        internal static string TakeString(IntPtr text)
        {
            var value = Text(text);
            latchkey_string_free(text);
            return value;
        }

        internal static void Check(uint number, IntPtr error)
        {
            if (number == 0) return;
            try
            {
                throw new LatchkeyException(
                    latchkey_error_number(error), Text(latchkey_error_name(error)),
                    Text(latchkey_error_message(error)), Text(latchkey_error_action(error)));
            }
            finally
            {
                latchkey_error_free(error);
            }
        }
    }
}
