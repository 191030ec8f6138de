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
        /// <summary>Keeps the callbacks alive until the licence is closed, and until a callback
        /// that closed it has returned.</summary>
        internal readonly List<ChangeCallback> Listeners = new List<ChangeCallback>();

        internal LicenceHandle() : base(IntPtr.Zero, true) { }
        public override bool IsInvalid { get { return handle == IntPtr.Zero; } }
        protected override bool ReleaseHandle() { Native.latchkey_close(handle); return true; }

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
