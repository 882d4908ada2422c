namespace Shop.ServiceDefaults;

/// <summary>An exclusive duty as one process sees it.</summary>
/// <param name="Lead">Null while this process does not believe that it leads.</param>
/// <param name="RefusedWrites">Writes of this process that were refused since its start.</param>
/// <param name="Newest">What the database knows; null before the first leader.</param>
internal sealed record DutyView(string Duty, string Instance, LeadView? Lead, long RefusedWrites, EpochView? Newest);

internal sealed record LeadView(long Epoch, DateTimeOffset Since);

/// <param name="Holder">Who began it; it may have ended since.</param>
/// <param name="RefusedWrites">Writes of older epochs that the database has refused, of all processes, ever.</param>
internal sealed record EpochView(long Epoch, string Holder, DateTimeOffset Since, long RefusedWrites);
