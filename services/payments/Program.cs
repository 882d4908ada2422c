using Shop.Contracts;
using Shop.Payments;
using Shop.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(ServiceNames.Payments);
builder.AddPayments();

var app = builder.Build();
app.MapServiceDefaults();
app.MapPayments();
return await app.RunOrMigrateAsync(args);
